#pragma once
// What the Glibc module lacks. No feature macro is defined here: it would clash with other shims.
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
static inline int csystem_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }
static inline int csystem_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }
