#pragma once
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
