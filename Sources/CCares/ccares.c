#include "CCares.h"

/* The calls used here exist in every version since 1.18; later ones warn about newer calls that Debian 12 lacks. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* Records of one answer that are read. */
#define MAXIMUM_RECORDS 64

/* Numbers of RFC 1035 and RFC 3596. */
#define CLASS_INTERNET 1
#define TYPE_A 1
#define TYPE_AAAA 28

/* Options with room behind them: the library that we run with may be newer than the one that we were built with, and
   fills its own, longer structure. From 1.18 to 1.34 it grew by some 60 bytes; 1 KiB is several times the whole. */
union roomy_options {
    struct ares_options options;
    unsigned char room[1024];
};

struct ccares_channel {
    ares_channel channel;
    union roomy_options saved;
};

struct question {
    ccares_answered answered;
    void *question;
    int is_ipv6;
};

ccares_channel *ccares_open(const char *resolv_conf, const char *servers, int timeout_milliseconds, int tries,
                            ccares_socket_changed changed, void *context, const char **error) {
    union roomy_options wanted;
    memset(&wanted, 0, sizeof wanted);
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF;
    int saved = 0;
    ccares_channel *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        *error = "out of memory";
        return NULL;
    }
    wanted.options.timeout = timeout_milliseconds;
    wanted.options.tries = tries;
    wanted.options.sock_state_cb = changed;
    wanted.options.sock_state_cb_data = context;
    /* Copied by the library. */
    wanted.options.resolvconf_path = (char *)resolv_conf;
    int status = ares_library_init(ARES_LIB_INIT_ALL);
    if (status == ARES_SUCCESS) status = ares_init_options(&opened->channel, &wanted.options, mask);
    if (status == ARES_SUCCESS) status = ares_save_options(opened->channel, &opened->saved.options, &saved);
    if (status == ARES_SUCCESS && servers != NULL) status = ares_set_servers_ports_csv(opened->channel, servers);
    if (status == ARES_SUCCESS) return opened;
    *error = ares_strerror(status);
    ccares_close(opened);
    return NULL;
}

void ccares_close(ccares_channel *channel) {
    ares_destroy_options(&channel->saved.options);
    if (channel->channel != NULL) ares_destroy(channel->channel);
    free(channel);
}

const char *ccares_domain(const ccares_channel *channel, int place) {
    return place >= 0 && place < channel->saved.options.ndomains ? channel->saved.options.domains[place] : NULL;
}

int ccares_dots(const ccares_channel *channel) { return channel->saved.options.ndots; }

int ccares_uses_hosts(const ccares_channel *channel) {
    return channel->saved.options.lookups == NULL || strchr(channel->saved.options.lookups, 'f') != NULL;
}

int ccares_uses_servers(const ccares_channel *channel) {
    return channel->saved.options.lookups == NULL || strchr(channel->saved.options.lookups, 'b') != NULL;
}

static int result_of(int status) {
    switch (status) {
    case ARES_SUCCESS: return ccares_success;
    case ARES_ENODATA: return ccares_no_data;
    case ARES_ENOTFOUND: return ccares_no_such_name;
    /* A name that cannot be written into a question exists nowhere. */
    case ARES_EBADNAME: return ccares_no_such_name;
    case ARES_ENOMEM: return ccares_no_memory;
    case ARES_ECONNREFUSED: return ccares_no_server;
    case ARES_ETIMEOUT: return ccares_timeout;
    default: return ccares_other;
    }
}

static int parse_ipv4(const unsigned char *bytes, int length, ccares_address *addresses, int *count) {
    struct ares_addrttl records[MAXIMUM_RECORDS];
    int status = ares_parse_a_reply(bytes, length, NULL, records, count);
    for (int i = 0; status == ARES_SUCCESS && i < *count; i++) {
        memcpy(addresses[i].bytes, &records[i].ipaddr, 4);
        addresses[i].time_to_live = records[i].ttl;
    }
    return status;
}

static int parse_ipv6(const unsigned char *bytes, int length, ccares_address *addresses, int *count) {
    struct ares_addr6ttl records[MAXIMUM_RECORDS];
    int status = ares_parse_aaaa_reply(bytes, length, NULL, records, count);
    for (int i = 0; status == ARES_SUCCESS && i < *count; i++) {
        memcpy(addresses[i].bytes, &records[i].ip6addr, 16);
        addresses[i].time_to_live = records[i].ttl;
    }
    return status;
}

static void receive(void *argument, int status, int timeouts, unsigned char *bytes, int length) {
    struct question question = *(struct question *)argument;
    ccares_address addresses[MAXIMUM_RECORDS] = {0};
    int count = 0;
    (void)timeouts;
    free(argument);
    if (status == ARES_SUCCESS) {
        count = MAXIMUM_RECORDS;
        status = question.is_ipv6 ? parse_ipv6(bytes, length, addresses, &count)
                                  : parse_ipv4(bytes, length, addresses, &count);
        if (status != ARES_SUCCESS) count = 0;
    }
    question.answered(question.question, result_of(status), ares_strerror(status), addresses, count);
}

void ccares_ask(ccares_channel *channel, const char *name, int is_ipv6, ccares_answered answered, void *question) {
    struct question *asked = malloc(sizeof *asked);
    if (asked == NULL) {
        answered(question, ccares_no_memory, "out of memory", NULL, 0);
        return;
    }
    *asked = (struct question){answered, question, is_ipv6};
    ares_query(channel->channel, name, CLASS_INTERNET, is_ipv6 ? TYPE_AAAA : TYPE_A, receive, asked);
}

int ccares_hosts(ccares_channel *channel, const char *name, int is_ipv6, ccares_address *addresses, int limit) {
    struct hostent *entry = NULL;
    int family = is_ipv6 ? AF_INET6 : AF_INET;
    int size = is_ipv6 ? 16 : 4;
    int count = 0;
    if (ares_gethostbyname_file(channel->channel, name, family, &entry) != ARES_SUCCESS || entry == NULL) return 0;
    if (entry->h_addrtype == family && entry->h_length == size) {
        for (; count < limit && entry->h_addr_list[count] != NULL; count++) {
            memcpy(addresses[count].bytes, entry->h_addr_list[count], (size_t)size);
            addresses[count].time_to_live = 0;
        }
    }
    ares_free_hostent(entry);
    return count;
}

long long ccares_wait(ccares_channel *channel) {
    struct timeval time = {0, 0};
    if (ares_timeout(channel->channel, NULL, &time) == NULL) return -1;
    return (long long)time.tv_sec * 1000000 + time.tv_usec;
}

void ccares_process(ccares_channel *channel, int readable, int writable) {
    ares_process_fd(channel->channel, readable < 0 ? ARES_SOCKET_BAD : readable,
                    writable < 0 ? ARES_SOCKET_BAD : writable);
}
