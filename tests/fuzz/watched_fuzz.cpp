// Whatever lies in the memory of a watched folder, it is read, and remembers what is added to it.
#include "device/hal/folder/picture_memory.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace voelgoed::fuzz {

namespace {

/// In memory, where syncing costs nothing.
std::string path()
{
    return "/dev/shm/voelgoed-fuzz-watched-" + std::to_string(::getpid());
}

} // namespace

void fuzzOne(base::ByteView bytes)
{
    const std::string file = path();
    const int descriptor = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    ensure(descriptor >= 0 && ::write(descriptor, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
           "a file in memory");
    ::close(descriptor);
    const std::string text(base::textOf(bytes));
    const hal::PictureStamp stamp{text.substr(0, 40), 5, 6, 7};
    hal::PictureMemory memory({file, {}}, "/pictures");
    ensure(static_cast<bool>(memory.add(stamp, "d")) && memory.holds(stamp), "what was added is not known");
    const hal::PictureMemory again({file, {}}, "/pictures");
    ensure(again.holds(stamp, "d") && again.size() == memory.size(), "what was added is not remembered");
    ::unlink(file.c_str());
}

} // namespace voelgoed::fuzz
