/* What lets a Node that is linked with musl run on Debian's libstdc++, which was built for glibc: for tests alone.
 *
 * It takes the name of glibc's loader, which that library asks for. In it are the functions of glibc, and one of a
 * newer libstdc++, that are missed, and the tables of characters that libstdc++ would take out of glibc's locale.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char __libc_single_threaded = 0;

unsigned arc4random(void) { return (unsigned)random(); }

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, locale_t locale) {
  return strftime_l(text, size, format, time, locale);
}

/* Exceptions find their frames by dl_iterate_phdr() then. */
int _dl_find_object(void *address, void *result) { return -1; }

/* A processor without extras. */
struct {
  unsigned vendor, type, subtype, features;
} __cpu_model;
int __cpu_indicator_init(void) { return 0; }

/* Destructors of what is thread_local. */
struct ending {
  void (*destroy)(void *);
  void *object;
  struct ending *next;
};
static pthread_key_t endings;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void end(void *first) {
  for (struct ending *one = first, *next; one; one = next) {
    next = one->next;
    one->destroy(one->object);
    free(one);
  }
}

static void make_key(void) { pthread_key_create(&endings, end); }

int __cxa_thread_atexit_impl(void (*destroy)(void *), void *object, void *library) {
  pthread_once(&once, make_key);
  struct ending *one = malloc(sizeof *one);
  if (!one) abort();
  *one = (struct ending){destroy, object, pthread_getspecific(endings)};
  return pthread_setspecific(endings, one);
}

/* std::string::_M_replace_cold(at, size, with, new_size, after) of GCC 13: `with` lies in the string itself. */
void _ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE15_M_replace_coldEPcmPKcmm(
    void *string, char *at, size_t size, const char *with, size_t new_size, size_t after) {
  char *copy = malloc(new_size + 1);
  if (!copy) abort();
  memcpy(copy, with, new_size);
  if (after && size != new_size) memmove(at + new_size, at + size, after);
  memcpy(at, copy, new_size);
  free(copy);
}

/* std::locale::classic() and std::use_facet<std::ctype<char>>(). */
extern void *_ZNSt6locale7classicEv(void);
extern void *_ZSt9use_facetISt5ctypeIcEERKT_RKSt6locale(void *locale);

static int upper[384], lower[384];
static unsigned short classes[384];

/* The bits are glibc's. */
static unsigned short classes_of(int c) {
  static int (*const tests[])(int) = {isblank, iscntrl, ispunct, isalnum, 0,       0,       0,       0,
                                      isupper, islower, isalpha, isdigit, isxdigit, isspace, isprint, isgraph};
  unsigned short bits = 0;
  for (int bit = 0; bit < 16; bit++) {
    if (tests[bit] && tests[bit](c)) bits |= 1 << bit;
  }
  return bits;
}

__attribute__((constructor)) static void fill_tables(void) {
  for (int c = -128; c < 256; c++) {
    upper[c + 128] = toupper(c & 255);
    lower[c + 128] = tolower(c & 255);
    classes[c + 128] = c & 128 ? 0 : classes_of(c & 255);
  }
  char *facet = _ZSt9use_facetISt5ctypeIcEERKT_RKSt6locale(_ZNSt6locale7classicEv());
  *(const int **)(facet + 32) = upper + 128;
  *(const int **)(facet + 40) = lower + 128;
  *(const unsigned short **)(facet + 48) = classes + 128;
}
