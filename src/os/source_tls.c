#include <arpa/inet.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "os/source_parts.h"

/*
 * Connections with TLS 1.2 or later. The server must prove the name that the address says (or
 * server=) by an authority of ca=, else of the system; there is no way to switch that off. cert= and
 * key= are our own, for servers that ask who calls.
 */

struct tls {
    SSL_CTX *context;
};

/* ---- starting ----------------------------------------------------------------------------------- */

/* The reason that OpenSSL gave last. */
static const char *reason(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());
    return text ? text : "not readable";
}

static int fail_file(const struct source *source, const char *what, const char *path,
                     struct err *err)
{
    return err_set(err, EXIT_CONFIG, "feed %s: %s %s: %s", source->url.name, what, path, reason());
}

static int load_authorities(const struct source *source, SSL_CTX *context, struct err *err)
{
    const char *ca = source->url.tls.ca;
    if (ca[0] && SSL_CTX_load_verify_locations(context, ca, NULL) != 1)
        return fail_file(source, "ca", ca, err);
    if (!ca[0] && SSL_CTX_set_default_verify_paths(context) != 1)
        return fail_file(source, "authorities of", "the system", err);
    return 0;
}

/* A file may hold both: then key= can be left out. */
static int load_certificate(const struct source *source, SSL_CTX *context, struct err *err)
{
    const struct feed_tls *tls = &source->url.tls;
    const char *key = tls->key[0] ? tls->key : tls->certificate;
    if (!key[0])
        return 0;
    if (!tls->certificate[0])
        return err_set(err, EXIT_CONFIG, "feed %s: key= without cert=", source->url.name);
    if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
        return fail_file(source, "cert", tls->certificate, err);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return fail_file(source, "key", key, err);
    return 0;
}

static int set_up(struct source *source, struct err *err)
{
    SSL_CTX *context = source->tls->context;
    ERR_clear_error();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return load_authorities(source, context, err) ? ERR_FAIL
                                                  : load_certificate(source, context, err);
}

int tls_start(struct source *source, struct err *err)
{
    source->tls = arena_alloc(&source->arena, 1, sizeof *source->tls);
    if (source->tls)
        source->tls->context = SSL_CTX_new(TLS_client_method());
    if (!source->tls || !source->tls->context)
        return err_set(err, EXIT_CONFIG, "feed %s: no memory for TLS", source->url.name);
    return set_up(source, err) ? ERR_FAIL : tcp_start(source, err);
}

void tls_stop(struct source *source)
{
    if (source->tls)
        SSL_CTX_free(source->tls->context);
}

/* ---- a connection ------------------------------------------------------------------------------- */

static bool is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* The server is told the name (RFC 6066) and must show it. */
static bool expect_name(SSL *ssl, const char *name)
{
    if (is_address(name))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    return SSL_set_tlsext_host_name(ssl, name) == 1 && SSL_set1_host(ssl, name) == 1;
}

struct bufferevent *tls_stream(struct source *source)
{
    const struct feed_url *url = &source->url;
    SSL *ssl = SSL_new(source->tls->context);
    if (!ssl)
        return NULL;
    if (!expect_name(ssl, url->tls.server[0] ? url->tls.server : url->host)) {
        SSL_free(ssl);
        return NULL;
    }
    struct bufferevent *stream = bufferevent_openssl_socket_new(
        source->set->base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    if (stream)
        bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
    return stream;
}

const char *tls_error(struct bufferevent *stream)
{
    SSL *ssl = bufferevent_openssl_get_ssl(stream);
    long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    if (verified != X509_V_OK)
        return X509_verify_cert_error_string(verified);
    unsigned long code = bufferevent_get_openssl_error(stream);
    return code ? ERR_reason_error_string(code) : NULL;
}
