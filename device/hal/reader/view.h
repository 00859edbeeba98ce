#pragma once

#include <opencv2/core.hpp>

#include <vector>

/// Pictures as the reader looks at them. Internal to this folder.
namespace voelgoed::hal {

/// A picture made from another one, and the way back: `toSource` maps its points to the source's.
struct View
{
    cv::Mat pixels; ///< 8 bits, grey
    cv::Matx33d toSource = cv::Matx33d::eye();
};

/// Where `point` of the view lies in the source.
cv::Point2d inSource(const View &view, cv::Point2d point);

/// A side has one pixel at least, however long the other is.
cv::Mat resized(const cv::Mat &pixels, double factor);
View scaled(const View &view, double factor);
struct Turn
{
    double degrees = 0;
    double scale = 1;
};
/// Counter-clockwise, on a canvas that holds all of it; what was outside has the border's grey.
View rotated(const View &view, const Turn &turn);
View mirrored(const View &view);
View inverted(const View &view);
/// With a margin of its background around it, for codes without a quiet zone.
View padded(const View &view, int margin);
/// Cut to the rectangle of what is light. Matrix codes with light modules on all four edges keep all they have, also
/// where the ground around them is as dark as they are.
View framed(const View &view);
/// Modules of the code's own dark at its four edges.
struct Edges
{
    int top = 0;
    int right = 0;
    int bottom = 0;
    int left = 0;
};
/// The same for a code that is dark along some of its edges, all of which the ground has taken: it gets them back.
View framed(const View &view, const Edges &lost);

/// Four corners, clockwise as they are seen.
using Quad = std::vector<cv::Point2f>;
/// The quadrilateral, seen from the front, as a picture of that size with a margin around it.
enum class Fineness : std::uint8_t { Fast, Fine };
View rectified(const View &view, const Quad &quad, cv::Size size, Fineness fineness);

/// Grey levels stretched so that neighbourhoods of about `window` pixels use all of them: against fading, low contrast
/// and uneven light.
View levelled(const View &view, int window, Fineness fineness);
/// What a blur of about `sigma` took from the edges is put back.
View sharpened(const View &view, double sigma, double amount);
/// What is finer than about `sigma` pixels is gone, noise too.
View softened(const View &view, double sigma);
/// Single wrong pixels taken out.
View calmed(const View &view, int size);

/// The angles (0 to 90 degrees) by which the picture's straight edges are turned off the axes, most edge first.
std::vector<double> edgeAngles(const cv::Mat &pixels, std::size_t most);

} // namespace voelgoed::hal
