#include "server/platform/http/certificate.h"

#include "shared/base/crypto/digest.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

namespace voelgoed::http {

namespace {

template <auto release>
struct Release
{
    template <class T>
    void operator()(T *owned) const
    {
        release(owned);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Stream = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

/// RFC 8410, section 4: SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }.
constexpr std::array<unsigned char, 12> kEd25519Prefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

base::Error failed(std::string_view doing)
{
    ERR_clear_error();
    return base::invalid("certificate: " + std::string(doing));
}

Stream reading(const std::string &text)
{
    return Stream(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string written(const Stream &stream)
{
    char *bytes = nullptr;
    const long size = BIO_get_mem_data(stream.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

bool isName(const std::string &name)
{
    return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(".-:*_").find(c) != std::string_view::npos;
    });
}

bool isAddress(const std::string &name)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name.c_str());
    const bool is = address != nullptr;
    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    return is;
}

bool addExtension(X509 *certificate, int kind, const std::string &value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

base::Result<std::string> alternativeNames(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names) {
        if (!isName(name))
            return failed("a name that no certificate can hold");
        text.append(text.empty() ? "" : ",").append(isAddress(name) ? "IP:" : "DNS:").append(name);
    }
    return text;
}

bool setTime(ASN1_TIME *field, base::Instant at)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    return ASN1_TIME_set(field, seconds) != nullptr;
}

bool setSerial(X509 *certificate, const std::string &digits)
{
    BIGNUM *made = nullptr;
    const int taken = BN_hex2bn(&made, digits.c_str());
    const Number number(made);
    return number && taken == static_cast<int>(digits.size()) && taken <= 40 &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool describe(X509 *certificate, const CertificateRequest &request)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    const auto *common = reinterpret_cast<const unsigned char *>(request.commonName.data());
    return X509_set_version(certificate, X509_VERSION_3) == 1 && setSerial(certificate, request.serial) &&
           setTime(X509_getm_notBefore(certificate), request.from) &&
           setTime(X509_getm_notAfter(certificate), request.until) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common, static_cast<int>(request.commonName.size()),
                                      -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1;
}

bool extend(X509 *certificate, const std::string &names)
{
    return addExtension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           addExtension(certificate, NID_key_usage, "critical,digitalSignature") &&
           addExtension(certificate, NID_ext_key_usage, "serverAuth") &&
           (names.empty() || addExtension(certificate, NID_subject_alt_name, names));
}

Certificate readCertificate(const std::string &pem)
{
    Certificate certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    return certificate;
}

std::string pinOf(base::ByteView publicKeyInfo)
{
    return "sha256//" + base::toBase64(base::sha256(publicKeyInfo));
}

} // namespace

base::Result<Identity> selfSigned(const base::SigningKey &key, const CertificateRequest &request)
{
    const auto names = alternativeNames(request.names);
    if (!names)
        return names.error();
    base::Bytes seed = key.seed();
    const Key own(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                               reinterpret_cast<const unsigned char *>(seed.data()), seed.size()));
    OPENSSL_cleanse(seed.data(), seed.size());
    const Certificate certificate(X509_new());
    base::ensure(own && certificate, "certificate: memory");
    if (request.until <= request.from || !describe(certificate.get(), request) ||
        X509_set_pubkey(certificate.get(), own.get()) != 1 || !extend(certificate.get(), *names))
        return failed("what is asked for cannot be written in one");
    // Ed25519 brings its own digest.
    if (X509_sign(certificate.get(), own.get(), nullptr) == 0)
        return failed("signing");
    const Stream certificateText(BIO_new(BIO_s_mem())), keyText(BIO_new(BIO_s_secmem()));
    if (PEM_write_bio_X509(certificateText.get(), certificate.get()) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(keyText.get(), own.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return failed("writing");
    return Identity{written(certificateText), written(keyText)};
}

base::Result<void> checkIdentity(const Identity &identity)
{
    const Certificate certificate = readCertificate(identity.certificatePem);
    if (!certificate)
        return failed("it cannot be read");
    const auto noPassword = [](char *, int, int, void *) { return -1; };
    const Key key(PEM_read_bio_PrivateKey(reading(identity.keyPem).get(), nullptr, noPassword, nullptr));
    if (!key)
        return failed("its key cannot be read");
    if (X509_check_private_key(certificate.get(), key.get()) != 1)
        return failed("certificate and key do not belong together");
    return {};
}

std::string publicKeyPin(const base::PublicKey &key)
{
    base::Bytes info;
    for (const unsigned char byte : kEd25519Prefix)
        info.push_back(static_cast<std::byte>(byte));
    info.insert(info.end(), key.begin(), key.end());
    return pinOf(info);
}

base::Result<std::string> certificatePin(const std::string &certificatePem)
{
    const Certificate certificate = readCertificate(certificatePem);
    if (!certificate)
        return failed("it cannot be read");
    unsigned char *bytes = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &bytes);
    if (size <= 0)
        return failed("its key cannot be read");
    const std::string pin = pinOf(std::as_bytes(std::span(bytes, static_cast<std::size_t>(size))));
    OPENSSL_free(bytes);
    return pin;
}

} // namespace voelgoed::http
