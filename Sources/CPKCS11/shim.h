#pragma once
// The header alone is used; the module itself is opened with dlopen and never linked.
#include <p11-kit-1/p11-kit/pkcs11.h>
static const CK_ULONG cpkcs11_unwrap_template = 0x40000000UL | 0x212UL;
static const CK_ULONG cpkcs11_allowed_mechanisms = 0x40000000UL | 0x600UL;
