#pragma once
// MHD_start_daemon is variadic and some of its macros have casts: Swift imports neither.
#include <microhttpd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// Messages of the library, one line each, on standard error; they hold no request data. What it says of clients that
// left or sent a bad head is left out: the request log and the front's log count those.
static inline void cmhd_log(void *cls, const char *format, va_list arguments) {
    char line[256];
    (void)cls;
    static const char *const of_clients[] = {"Connection socket is closed", "Error processing request", "Failed to parse",
                                             "Failed to send", "Too large value", "Received HTTP", "Not enough memory in pool"};
    for (unsigned i = 0; i < sizeof of_clients / sizeof *of_clients; i++)
        if (strncmp(format, of_clients[i], strlen(of_clients[i])) == 0) return;
    vsnprintf(line, sizeof line, format, arguments);
    fprintf(stderr, "mhd: %s", line);
}

// One daemon on one listening socket. The logger comes first, else early messages bypass it.
static inline struct MHD_Daemon *cmhd_start(int fd, unsigned threads, unsigned connections, unsigned timeout_seconds,
                                            size_t memory, MHD_AccessHandlerCallback access, void *cls,
                                            MHD_RequestCompletedCallback done,
                                            void *(*uri)(void *, const char *, struct MHD_Connection *)) {
    struct MHD_OptionItem options[12];
    int n = 0;
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)&cmhd_log, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_LISTEN_SOCKET, fd, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_LIMIT, connections, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)memory, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)done, cls};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)uri, cls};
    if (threads > 1) options[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, threads, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        access, cls, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

static inline unsigned cmhd_connections(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}

static inline uint64_t cmhd_size_unknown(void) { return MHD_SIZE_UNKNOWN; }
static inline ssize_t cmhd_end_of_stream(void) { return MHD_CONTENT_READER_END_OF_STREAM; }
