/* What is used of c-ares, without its header.
 *
 * That header includes the system's, and Swift would then count types such as `in_addr` as this module's: every file
 * that uses one would have to import it.
 */
#ifndef CCARES_H
#define CCARES_H

typedef struct ccares_channel ccares_channel;

/* What became of a question; of every other number only the text is of interest. */
enum {
    ccares_success,
    ccares_no_data,
    ccares_no_such_name,
    ccares_no_memory,
    /* No server was reachable or able; c-ares says so too when it gets no socket. */
    ccares_no_server,
    ccares_timeout,
    ccares_other,
};

typedef struct {
    /* In network byte order; an IPv4 address in the first four. */
    unsigned char bytes[16];
    /* Seconds; any number. */
    int time_to_live;
} ccares_address;

/* A socket now waits to be readable, writable, both or, before it is closed, neither. */
typedef void (*ccares_socket_changed)(void *context, int socket, int reads, int writes);

/* Called once for each question, perhaps before ccares_ask returns; `text` and `addresses` last as long as the call. */
typedef void (*ccares_answered)(void *question, int result, const char *text, const ccares_address *addresses, int count);

/* Opens the name servers of a resolv.conf, or `servers`, separated by commas, unless it is NULL.
 *
 * Returns NULL and sets `error` to a text that lasts if that fails. Not for two threads at the same time.
 */
ccares_channel *ccares_open(const char *resolv_conf, const char *servers, int timeout_milliseconds, int tries,
                            ccares_socket_changed changed, void *context, const char **error);

/* Answers all open questions with an error. */
void ccares_close(ccares_channel *channel);

/* The search domain of a place in the list, NULL after the last. */
const char *ccares_domain(const ccares_channel *channel, int place);
/* The number of dots from which on a name is tried as it is before the domains. */
int ccares_dots(const ccares_channel *channel);
/* Whether nsswitch.conf names the hosts file, and the name servers. */
int ccares_uses_hosts(const ccares_channel *channel);
int ccares_uses_servers(const ccares_channel *channel);

/* Asks for the addresses of one family of a full name. */
void ccares_ask(ccares_channel *channel, const char *name, int is_ipv6, ccares_answered answered, void *question);

/* Reads the addresses of one family of a name of the hosts file, and returns how many there are, at most `limit`. */
int ccares_hosts(ccares_channel *channel, const char *name, int is_ipv6, ccares_address *addresses, int limit);

/* Microseconds until ccares_process is due without any socket; -1 if nothing is being asked. */
long long ccares_wait(ccares_channel *channel);

/* Reads and writes sockets, or neither (-1), and goes on to the next try where one has taken too long. */
void ccares_process(ccares_channel *channel, int readable, int writable);

#endif
