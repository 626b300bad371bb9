// SPDX-License-Identifier: MIT
// The command `trapgate`.
#include "frontend/verbs.hpp"

int main(int count, char** words) {
    return trapgate::frontend::run_command({words + 1, words + count});
}
