/* confine - what a process that speaks TLS can still do */
#include "crypt/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <seccomp.h>

#define MEMORY		(512u << 20)	/* octets of address space */
#define CPU_S		3600		/* for all that goes through it */

/* The rules as the kernel wants them. */
struct confinement {
	struct sock_fprog program;
	struct sock_filter filter[512];
};

/* Calls that are free, whatever their arguments. */
static const int calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(shutdown), SCMP_SYS(close),
	SCMP_SYS(exit_group), SCMP_SYS(exit), SCMP_SYS(brk),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(getrandom), SCMP_SYS(futex), SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getpid),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(sched_yield),
#ifdef __SANITIZE_ADDRESS__
	/* The sanitizer's own. */
	SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(gettid),
	SCMP_SYS(prctl), SCMP_SYS(clone), SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64), SCMP_SYS(readlink), SCMP_SYS(openat),
	SCMP_SYS(wait4), SCMP_SYS(ptrace), SCMP_SYS(tgkill),
	SCMP_SYS(getdents64), SCMP_SYS(open), SCMP_SYS(process_vm_readv),
	SCMP_SYS(getppid), SCMP_SYS(sched_getaffinity),
#endif
};

/* What an argument has to be. */
static const struct scmp_arg_cmp no_execution = {
	.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0
}, get_flags = {
	.arg = 1, .op = SCMP_CMP_EQ, .datum_a = F_GETFL
}, set_flags = {
	.arg = 1, .op = SCMP_CMP_EQ, .datum_a = F_SETFL
};

static int
allow_if(scmp_filter_ctx rules, int call, struct scmp_arg_cmp condition)
{
	return seccomp_rule_add_array(rules, SCMP_ACT_ALLOW, call, 1,
	    &condition) == 0;
}

/* fstat() is newfstatat() in newer C libraries. */
static int
add_rules(scmp_filter_ctx rules)
{
	size_t i;

	for (i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (seccomp_rule_add(rules, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return 0;
	/* Memory, but none to be executed; flags of what is open. */
	return allow_if(rules, SCMP_SYS(mmap), no_execution) &&
	    allow_if(rules, SCMP_SYS(mprotect), no_execution) &&
	    allow_if(rules, SCMP_SYS(fcntl), get_flags) &&
	    allow_if(rules, SCMP_SYS(fcntl), set_flags);
}

/* The library writes the program to a file; this one has no name. */
static int
export_rules(scmp_filter_ctx rules, struct confinement *confinement)
{
	int fd = memfd_create("rules", MFD_CLOEXEC);
	ssize_t len = -1;

	if (fd == -1)
		return 0;
	if (seccomp_export_bpf(rules, fd) == 0)
		len = pread(fd, confinement->filter,
		    sizeof confinement->filter, 0);
	close(fd);
	if (len <= 0 || (size_t)len == sizeof confinement->filter)
		return 0;
	confinement->program.filter = confinement->filter;
	confinement->program.len = (unsigned short)((size_t)len /
	    sizeof confinement->filter[0]);
	return 1;
}

struct confinement *
confine_prepare(void)
{
	struct confinement *confinement = calloc(1, sizeof *confinement);
	scmp_filter_ctx rules = seccomp_init(SCMP_ACT_KILL_PROCESS);

	/* gmtime() opens /etc/localtime when it is first called. */
	tzset();
	if (confinement == NULL || rules == NULL || !add_rules(rules) ||
	    !export_rules(rules, confinement)) {
		free(confinement);
		confinement = NULL;
		errno = ENOSYS;
	}
	seccomp_release(rules);
	return confinement;
}

static void
limit(int what, rlim_t most)
{
	struct rlimit rlimit = { most, most };

	setrlimit((__rlimit_resource_t)what, &rlimit);
}

/* The right to read all files, with which certificates may be read. */
static int
drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2];

	memset(none, 0, sizeof none);
	return syscall(SYS_capset, &header, none) == 0;
}

void
confine_hide(void)
{
	limit(RLIMIT_CORE, 0);
#ifndef __SANITIZE_ADDRESS__
	/* A sanitizer looks into its own process when that ends. */
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

int
confine_reduce(int highest)
{
	/* It ends us rather than leave one open. */
	closefrom(highest + 1);
	if (!drop_capabilities())
		return 0;
	confine_hide();
	limit(RLIMIT_NPROC, 0);
	limit(RLIMIT_CPU, CPU_S);
#ifndef __SANITIZE_ADDRESS__
	limit(RLIMIT_AS, MEMORY);
#endif
	return 1;
}

int
confine(const struct confinement *confinement)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
	    &confinement->program, 0, 0) == 0;
}
