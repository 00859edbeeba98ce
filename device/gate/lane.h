#pragma once

#include "device/gate/control_socket.h"
#include "device/gate/run.h"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>

namespace voelgoed::gate {

/// What a gate has done since it started.
struct Tally
{
    std::uint64_t scans = 0;
    std::uint64_t in = 0;  ///< admitted at an entry
    std::uint64_t out = 0; ///< and at an exit
    std::uint64_t stopped = 0;
};

/// The loop of a gate at work: waits for inputs, judges one code at a time, writes each answer, serves other commands
/// in between. One thread.
class Lane
{
public:
    /// `exchanger`: of a paired gate, else null. `wake`: a descriptor that becomes readable when the gate is asked to
    /// stop. Everything is borrowed.
    Lane(const RunOptions &options, OpenGate &gate, sync::Exchanger *exchanger, Inputs &inputs, const Streams &streams,
         int wake);

    enum class End {
        Input,      ///< nothing more comes, or somebody asked it to stop
        OutputGone, ///< who was judged last is in doubt
        FileGone,   ///< what would be written now, nobody would find
    };
    End work(ControlServer &server);

    const Tally &tally() const { return m_tally; }

private:
    using Time = std::chrono::steady_clock::time_point;

    void wait(const ControlServer &server);
    void takeCodes(hal::CodeSource &source);
    void takePictures();
    bool hasRoomForPicture() const;
    void readPicture();
    void giveUp(const base::Error &why);
    void takeReading();
    void takePages();
    void queueCodes(std::vector<hal::ReadCode> codes);
    void remember(const hal::PictureSource &source, const base::Result<void> &remembered);
    bool judgeNext();
    void exchange();
    void rest();
    bool isAtEnd() const;
    std::string sourceText(const std::string &from) const;
    void complain(const std::string &source, const std::string &what);
    void isWell(const std::string &source);
    void say(const std::string &what);

    const RunOptions &m_options;
    OpenGate &m_gate;
    sync::Exchanger *m_exchanger;
    Inputs &m_inputs;
    Streams m_streams;
    int m_wake;
    bool m_stopping = false;
    std::optional<End> m_end; ///< why it cannot go on
    Tally m_tally;

    /// A code to judge; or, without one, something to do when those before it were judged.
    struct Waiting
    {
        std::optional<hal::CodeRead> read;
        std::string from; ///< where it was read: an input's name, or a picture's path
        std::function<void()> afterwards;
    };
    std::deque<Waiting> m_codes;

    /// What was seen is kept in memory: a file of the same name may be another by now.
    struct PictureToRead
    {
        hal::SeenPicture seen;
        hal::PictureSource *source;
    };
    std::deque<PictureToRead> m_pictures; ///< the first one is the one that is read, if one is
    bool m_reading = false;
    int m_codesOfPicture = 0; ///< of the one that is read
    Time m_lastScan;
    Time m_lastMend;
    bool m_unflushed = false;
    int m_judgedInARow = 0;                          ///< without an exchange in between
    std::map<std::string, std::string> m_complaints; ///< by source: the last one, until it is well again
};

} // namespace voelgoed::gate
