#include "server/platform/topics/names.h"

#include "server/platform/topics/keys.h"

#include <algorithm>

namespace voelgoed::topics {

bool isTopicId(std::string_view text)
{
    return !text.empty() && text.size() <= kTopicMax && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
    });
}

void addKeys(redis::KeyRegistry &registry)
{
    for (const redis::Key *key : {&kHead, &kLog, &kHere, &kCards})
        registry.add(*key);
}

} // namespace voelgoed::topics
