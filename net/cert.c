/* Certificates by OpenSSL. Both files are written beside their names and moved into place, the key first: if
 * the disk is full or the power fails, there are both, or none, or an error that says which one is missing.
 */
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/cert.h"
#include "net/file.h"
#include "net/link_lws.h"

enum { YEARS = 10, PEM_MAX = 16384 };

int cert_pin_x509(struct x509_st *certificate, char pin[static LINK_PIN_SIZE])
{
	unsigned char *spki = NULL, digest[32];
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &spki);

	if (n <= 0)
		return -EBADMSG;
	if (!EVP_Digest(spki, (size_t)n, digest, NULL, EVP_sha256(), NULL)) {
		OPENSSL_free(spki);
		return -EBADMSG;
	}
	OPENSSL_free(spki);
	EVP_EncodeBlock((unsigned char *)pin, digest, sizeof(digest));
	return 0;
}

int cert_pin(const char *path, char pin[static LINK_PIN_SIZE])
{
	FILE *f = fopen(path, "re");
	X509 *certificate;
	int rc = -EBADMSG;

	if (!f)
		return -errno;
	certificate = PEM_read_X509(f, NULL, NULL, NULL);
	if (certificate)
		rc = cert_pin_x509(certificate, pin);
	X509_free(certificate);
	ERR_clear_error();
	fclose(f);
	return rc;
}

static int add_extension(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	int ok;

	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	ok = extension && X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	return ok ? 0 : -EINVAL;
}

/* A name that can stand in a list of OpenSSL's configuration language as it is. */
static bool plain_name(const char *host)
{
	return host && *host && strlen(host) < 200 &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
		       strlen(host);
}

static int fill_in(X509 *certificate, EVP_PKEY *pair, const char *host)
{
	const char *name = plain_name(host) ? host : "moot-relay";
	X509_NAME *subject = X509_get_subject_name(certificate);
	unsigned char serial[8];
	BIGNUM *number = NULL;
	char names[320];
	int ok;

	RAND_bytes(serial, sizeof(serial));
	serial[0] &= 0x7f;
	snprintf(names, sizeof(names), "DNS:localhost,IP:127.0.0.1,IP:::1,DNS:%s", name);
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	/* CN holds 64 characters at most. */
	ok = number && X509_set_version(certificate, 2) &&
	     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) &&
	     X509_gmtime_adj(X509_getm_notBefore(certificate), -86400) &&
	     X509_gmtime_adj(X509_getm_notAfter(certificate), (long)YEARS * 366 * 86400) &&
	     X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
					(const unsigned char *)(strlen(name) <= 64 ? name : "moot-relay"), -1,
					-1, 0) &&
	     X509_set_issuer_name(certificate, subject) && X509_set_pubkey(certificate, pair) &&
	     !add_extension(certificate, NID_subject_alt_name, names) &&
	     !add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
	     !add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
	     !add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
	     X509_sign(certificate, pair, EVP_sha256()) > 0;
	BN_free(number);
	return ok ? 0 : -ENOMEM;
}

/* Both as PEM text. */
static int make_pair(const char *host, char *certificate, size_t *certificate_bytes, char *key,
		     size_t *key_bytes)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	BIO *a = BIO_new(BIO_s_mem()), *b = BIO_new(BIO_s_mem());
	int rc = -ENOMEM, n, m;

	if (!pair || !x509 || !a || !b || fill_in(x509, pair, host))
		goto out;
	if (!PEM_write_bio_X509(a, x509) || !PEM_write_bio_PrivateKey(b, pair, NULL, NULL, 0, NULL, NULL))
		goto out;
	n = BIO_read(a, certificate, PEM_MAX);
	m = BIO_read(b, key, PEM_MAX);
	if (n <= 0 || m <= 0)
		goto out;
	*certificate_bytes = (size_t)n;
	*key_bytes = (size_t)m;
	rc = 0;
out:
	BIO_free(a);
	BIO_free(b);
	X509_free(x509);
	EVP_PKEY_free(pair);
	ERR_clear_error();
	return rc;
}

static int put_both(const char *certificate, const char *c, size_t c_bytes, const char *key, const char *k,
		    size_t k_bytes)
{
	char c_new[PATH_MAX], k_new[PATH_MAX];
	int rc = file_stage(key, k_new, k, k_bytes, 0600);

	if (rc)
		return rc;
	rc = file_stage(certificate, c_new, c, c_bytes, 0644);
	if (rc) {
		unlink(k_new);
		return rc;
	}
	if (rename(k_new, key)) {
		rc = -errno;
	} else if (rename(c_new, certificate)) {
		rc = -errno;
		unlink(key);
	}
	if (rc) {
		unlink(k_new);
		unlink(c_new);
	}
	return rc;
}

/* 1 there, 0 not, -errno. */
static int exists(const char *path)
{
	struct stat st;

	if (!stat(path, &st))
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

int cert_ensure(const char *certificate, const char *key, const char *host)
{
	int c = exists(certificate), k = exists(key), rc;
	size_t c_bytes = 0, k_bytes = 0;
	char *text;

	if (c < 0 || k < 0)
		return c < 0 ? c : k;
	if (c && k)
		return 0;
	if (c || k)
		return -EEXIST;
	text = malloc(2 * PEM_MAX);
	if (!text)
		return -ENOMEM;
	rc = make_pair(host, text, &c_bytes, text + PEM_MAX, &k_bytes);
	if (!rc)
		rc = put_both(certificate, text, c_bytes, key, text + PEM_MAX, k_bytes);
	OPENSSL_cleanse(text, 2 * PEM_MAX);
	free(text);
	return rc ? rc : 1;
}
