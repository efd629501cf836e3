#pragma once
// OpenSSL's libcrypto. Function-like macros and variadic functions are not imported by Swift: wrappers here.
#include <openssl/bn.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static inline void copenssl_free(void *pointer) { OPENSSL_free(pointer); }
static inline EVP_PKEY *copenssl_rsa_generate(int bits) { return EVP_RSA_gen(bits); }
static inline EVP_PKEY *copenssl_ec_generate(const char *curve) { return EVP_EC_gen(curve); }
static inline int copenssl_sk_x509_push(STACK_OF(X509) * stack, X509 *certificate) { return sk_X509_push(stack, certificate); }
static inline STACK_OF(X509) * copenssl_sk_x509_new(void) { return sk_X509_new_null(); }
// Frees the stack alone: the certificates in it belong to their Swift owners.
static inline void copenssl_sk_x509_free(STACK_OF(X509) * stack) { sk_X509_free(stack); }
static inline int copenssl_sk_x509_crl_push(STACK_OF(X509_CRL) * stack, X509_CRL *list) { return sk_X509_CRL_push(stack, list); }
static inline STACK_OF(X509_CRL) * copenssl_sk_x509_crl_new(void) { return sk_X509_CRL_new_null(); }
static inline void copenssl_sk_x509_crl_free(STACK_OF(X509_CRL) * stack) { sk_X509_CRL_free(stack); }
static inline EVP_PKEY *copenssl_ed25519_generate(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

// Starts an SM2 signature or check with SM3 and an explicit identifier: set after the start it is refused.
static inline int copenssl_sm2_start(EVP_MD_CTX *context, EVP_PKEY *key, const char *identifier, size_t length, int verify) {
    OSSL_PARAM parameters[2] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, (void *)identifier, length), OSSL_PARAM_construct_end()};
    return verify ? EVP_DigestVerifyInit_ex(context, NULL, "SM3", NULL, NULL, key, parameters)
                  : EVP_DigestSignInit_ex(context, NULL, "SM3", NULL, NULL, key, parameters);
}
// RFC 2253 order and escapes, but characters beyond ASCII stay as they are.
static const unsigned long copenssl_name_flags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
