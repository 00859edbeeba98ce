#include "device/core/replica/holder_names.h"

#include "shared/base/crypto/sealed.h"

namespace voelgoed::replica {

SealName sealNamesWith(const base::Digest &dataKey, base::Random &random)
{
    return [dataKey, &random](domain::Ordinal ordinal, const std::string &name) {
        return base::encryptField(dataKey, base::bytesOf(name),
                                  base::bytesOf("holder " + std::to_string(ordinal.value)), random);
    };
}

} // namespace voelgoed::replica
