#pragma once

#include "device/core/hal/barcode_reader.h"
#include "device/core/hal/code_source.h"
#include "device/core/hal/picture_source.h"
#include "device/gate/exchange.h"
#include "device/gate/open_gate.h"
#include "device/gate/request.h"

#include <functional>
#include <memory>
#include <vector>

namespace voelgoed::gate {

struct RunOptions
{
    std::string folder;
    domain::GateId gate;             ///< empty: none
    domain::CheckpointId checkpoint; ///< empty: the gate's first, or the event's
    domain::Direction direction = domain::Direction::Entry;
    domain::OperatorId operatedBy;
    Style style = Style::Text;
    enum class Purpose { Admission, Test } purpose = Purpose::Admission;
    enum class Network { WhenPaired, Never } network = Network::WhenPaired;
    base::Milliseconds drain = std::chrono::seconds(10); ///< at the end, for what still has to go to the server
    Exchange::Options exchange;
    OpenGateOptions open;
};

/// What codes come from. All of them at once.
struct Inputs
{
    std::unique_ptr<hal::CodeSource> lines; ///< its end is the end of the run; may be null
    std::vector<std::unique_ptr<hal::CodeSource>> readers;
    std::vector<std::unique_ptr<hal::PictureSource>> pictures;
    std::unique_ptr<hal::BarcodeReader> barcodes; ///< needed where there are pictures
};

/// Makes the inputs once the folder is taken.
using MakeInputs = std::function<base::Result<Inputs>(const DataFolder &)>;

/// A gate at work: judges what comes in until the input ends or somebody asks it to stop (SIGINT, SIGTERM, SIGHUP), and
/// answers other commands meanwhile. A paired one exchanges with its server beside that; one without a list waits for
/// it first. Each answer is written and flushed after it is durable, and not before. Exit status 0 after a clean end, 1
/// when the output or the device's file is gone, 2 when it could not start.
int run(const RunOptions &options, const MakeInputs &makeInputs, const Machine &machine, const Streams &streams);

} // namespace voelgoed::gate
