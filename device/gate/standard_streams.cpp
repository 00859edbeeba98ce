#include "device/gate/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace voelgoed::gate {

void openStandardStreams()
{
    // The lowest number that is free is the one that is taken, so they are looked at in order. Opened for reading
    // alone, an output fails on every write, as it should.
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO}) {
        if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            ::open("/dev/null", O_RDONLY);
    }
    // Nobody wants to hear of it: that is no failure.
    if (::fcntl(STDERR_FILENO, F_GETFD) < 0 && errno == EBADF)
        ::open("/dev/null", O_WRONLY);
}

} // namespace voelgoed::gate
