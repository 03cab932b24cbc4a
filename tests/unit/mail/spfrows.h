#ifndef UNIT_MAIL_SPFROWS_H
#define UNIT_MAIL_SPFROWS_H

#include "zone.h"

/* The zone of spf.c: a domain for each way a record can be meant. */

#define LONG_LABEL	"a1234567890123456789012345678901" \
	"234567890123456789012345678901"

static const struct row rows[] = {
	{ "none.test", DNS_A, "192.0.2.1" },
	{ "none.test", DNS_TXT, "v=spf2.0/pra -all" },
	{ "none.test", DNS_TXT, "v=spf10 -all" },
	{ "fails.test", 0, NULL },
	{ "txtfails.test", DNS_TXT, NULL },
	{ "twice.test", DNS_TXT, "v=spf1 -all" },
	{ "twice.test", DNS_TXT, "V=spf1" },
	{ "among.test", DNS_TXT, "\303\244" },
	{ "among.test", DNS_TXT, "v=spf1 ~all" },
	{ "empty.test", DNS_TXT, "v=spf1" },
	{ "bad.test", DNS_TXT, "v=spf1 +all moo" },
	{ "minus.test", DNS_TXT, "v=spf1 -all" },
	{ LONG_LABEL ".test", DNS_TXT, "v=spf1 -all" },
	{ "q.test", DNS_TXT, "v=spf1 ip4:192.0.2.1 -ip4:192.0.2.2 "
	    "~ip4:192.0.2.3 ?ip4:192.0.2.4 +ip4:192.0.2.5 ?all" },
	{ "net.test", DNS_TXT, "v=spf1 ip4:192.0.2.77/24 -ip4:10.0.0.0/31 "
	    "~ip6:2001:db8::ffff/112 -ip6:::ffff:192.0.2.1 ?all" },
	{ "any4.test", DNS_TXT, "v=spf1 ip4:1.1.1.1/0 -all" },
	{ "any6.test", DNS_TXT, "v=spf1 ip6:::1/0 -all" },

	{ "a.test", DNS_TXT, "v=spf1 a -all" },
	{ "a.test", DNS_A, "192.0.2.1" },
	{ "a.test", DNS_A, "192.0.2.9" },
	{ "a.test", DNS_AAAA, "2001:db8::1" },
	{ "b.test", DNS_TXT, "v=spf1 a:a.test/24//64 -all" },
	{ "all4.test", DNS_TXT, "v=spf1 a:a.test/0 -all" },
	{ "avoid.test", DNS_TXT, "v=spf1 a:nowhere.test/0 -all" },
	{ "afails.test", DNS_TXT, "v=spf1 a:fails.test -all" },
	{ "early.test", DNS_TXT, "v=spf1 ip4:192.0.2.1 a:fails.test -all" },
	{ "odd.test", DNS_TXT, "v=spf1 a:%{l}.user.odd.test -all" },
	{ "a\\043b\\061c.user.odd.test", DNS_A, "192.0.2.1" },
	{ "labels.test", DNS_TXT, "v=spf1 a:a..test a:%{d}." LONG_LABEL
	    "x.test -all" },

	{ "mx.test", DNS_TXT, "v=spf1 mx -all" },
	{ "mx.test", DNS_MX, "mx1.mx.test" },
	{ "mx.test", DNS_MX, "MX2.mx.test" },
	{ "mx1.mx.test", DNS_A, "192.0.2.21" },
	{ "mx2.mx.test", DNS_A, "192.0.2.22" },
	{ "MX2.mx.test", DNS_A, "192.0.2.22" },
	{ "MX2.mx.test", DNS_AAAA, "2001:db8::22" },
	{ "mxnet.test", DNS_TXT, "v=spf1 mx:mx.test/28//120 -all" },
	{ "nullmx.test", DNS_TXT, "v=spf1 mx -all" },
	{ "nullmx.test", DNS_MX, "" },
	{ "nomx.test", DNS_TXT, "v=spf1 mx -all" },
	{ "nomx.test", DNS_A, "192.0.2.1" },
	{ "halfmx.test", DNS_TXT, "v=spf1 mx -all" },
	{ "halfmx.test", DNS_MX, "fails.test" },
	{ "halfmx.test", DNS_MX, "mx1.mx.test" },
	{ "deadmx.test", DNS_TXT, "v=spf1 mx -all" },
	{ "deadmx.test", DNS_MX, NULL },
	{ "tenmx.test", DNS_TXT, "v=spf1 mx -all" },
	{ "tenmx.test", DNS_MX, "m1.test" },
	{ "tenmx.test", DNS_MX, "m2.test" },
	{ "tenmx.test", DNS_MX, "m3.test" },
	{ "tenmx.test", DNS_MX, "m4.test" },
	{ "tenmx.test", DNS_MX, "m5.test" },
	{ "tenmx.test", DNS_MX, "m6.test" },
	{ "tenmx.test", DNS_MX, "m7.test" },
	{ "tenmx.test", DNS_MX, "m8.test" },
	{ "tenmx.test", DNS_MX, "m9.test" },
	{ "tenmx.test", DNS_MX, "a.test" },
	{ "moremx.test", DNS_TXT, "v=spf1 mx -all" },
	{ "moremx.test", DNS_MX, "a.test" },
	{ "moremx.test", DNS_MX, "m1.test" },
	{ "moremx.test", DNS_MX, "m2.test" },
	{ "moremx.test", DNS_MX, "m3.test" },
	{ "moremx.test", DNS_MX, "m4.test" },
	{ "moremx.test", DNS_MX, "m5.test" },
	{ "moremx.test", DNS_MX, "m6.test" },
	{ "moremx.test", DNS_MX, "m7.test" },
	{ "moremx.test", DNS_MX, "m8.test" },
	{ "moremx.test", DNS_MX, "m9.test" },
	{ "moremx.test", DNS_MX, "m10.test" },

	{ "ptr.test", DNS_TXT, "v=spf1 ptr -all" },
	{ "ptrof.test", DNS_TXT, "v=spf1 ptr:pTr.test -all" },
	{ "31.2.0.192.in-addr.arpa", DNS_PTR, "Host.Ptr.test" },
	{ "Host.Ptr.test", DNS_A, "192.0.2.31" },
	{ "host.ptr.test", DNS_A, "192.0.2.31" },
	{ "32.2.0.192.in-addr.arpa", DNS_PTR, "liar.ptr.test" },
	{ "liar.ptr.test", DNS_A, "192.0.2.99" },
	{ "33.2.0.192.in-addr.arpa", DNS_PTR, "xptr.test" },
	{ "xptr.test", DNS_A, "192.0.2.33" },
	{ "34.2.0.192.in-addr.arpa", DNS_PTR, "fails.test" },
	{ "34.2.0.192.in-addr.arpa", DNS_PTR, "ptr.test" },
	{ "ptr.test", DNS_A, "192.0.2.34" },
	{ "35.2.0.192.in-addr.arpa", DNS_PTR, NULL },
	{ "36.2.0.192.in-addr.arpa", DNS_PTR, "a\\032b.ptr.test" },
	{ "a\\032b.ptr.test", DNS_A, "192.0.2.36" },
	{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
	    ".ip6.arpa", DNS_PTR, "six.ptr.test" },
	{ "six.ptr.test", DNS_AAAA, "2001:db8::1" },
	{ "six.ptr.test", DNS_A, "192.0.2.32" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p1.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p2.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p3.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p4.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p5.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p6.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p7.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p8.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p9.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "p10.test" },
	{ "37.2.0.192.in-addr.arpa", DNS_PTR, "late.ptr.test" },
	{ "late.ptr.test", DNS_A, "192.0.2.37" },

	{ "exists.test", DNS_TXT, "v=spf1 exists:%{ir}.%{v}.list.test -all" },
	{ "1.2.0.192.in-addr.list.test", DNS_A, "127.0.0.2" },
	{ "2.2.0.192.in-addr.list.test", DNS_AAAA, "::1" },
	{ "3.2.0.192.in-addr.list.test", DNS_A, NULL },
	{ "existsfour.test", DNS_TXT, "v=spf1 exists:a.test -all" },

	{ "inc.test", DNS_TXT, "v=spf1 include:q.test -all" },
	{ "incnone.test", DNS_TXT, "v=spf1 include:none.test -all" },
	{ "incnx.test", DNS_TXT, "v=spf1 include:nowhere.test -all" },
	{ "incbad.test", DNS_TXT, "v=spf1 include:bad.test -all" },
	{ "incfails.test", DNS_TXT, "v=spf1 include:txtfails.test -all" },
	{ "incempty.test", DNS_TXT, "v=spf1 ?include:empty.test -all" },
	{ "incself.test", DNS_TXT, "v=spf1 include:incself.test -all" },
	{ "inclabel.test", DNS_TXT, "v=spf1 include:a..test -all" },
	{ "incone.test", DNS_TXT, "v=spf1 include:%{d1} -all" },

	{ "red.test", DNS_TXT, "v=spf1 ip4:192.0.2.9 redirect=q.test" },
	{ "redexp.test", DNS_TXT, "v=spf1 redirect=explains.test "
	    "exp=exp2.test" },
	{ "rednone.test", DNS_TXT, "v=spf1 redirect=none.test" },
	{ "redall.test", DNS_TXT, "v=spf1 redirect=bad.test ~all" },
	{ "redself.test", DNS_TXT, "v=spf1 redirect=redself.test" },
	{ "redfails.test", DNS_TXT, "v=spf1 redirect=fails.test" },

	{ "explains.test", DNS_TXT, "v=spf1 -all exp=%{d1r}.exp.test" },
	{ "explains.exp.test", DNS_TXT, "%{i} is not of %{d}: %{l}@%{o} "
	    "%{h} %{r} %{t} %{c} %{p} 100%%" },
	{ "exp2.test", DNS_TXT, "not this" },
	{ "incexp.test", DNS_TXT, "v=spf1 include:explains.test -all "
	    "exp=exp2.test" },
	{ "soft.test", DNS_TXT, "v=spf1 ~all exp=exp2.test" },
	{ "expfails.test", DNS_TXT, "v=spf1 -all exp=fails.test" },
	{ "expnx.test", DNS_TXT, "v=spf1 -all exp=nowhere.test" },
	{ "expbad.test", DNS_TXT, "v=spf1 -all exp=badexp.test" },
	{ "badexp.test", DNS_TXT, "100%" },
	{ "expodd.test", DNS_TXT, "v=spf1 -all exp=oddexp.test" },
	{ "oddexp.test", DNS_TXT, "a\r\nb" },
	{ "exptwo.test", DNS_TXT, "v=spf1 -all exp=twoexp.test" },
	{ "twoexp.test", DNS_TXT, "one" }, { "twoexp.test", DNS_TXT, "two" },
	{ "explong.test", DNS_TXT, "v=spf1 -all exp=longexp.test" },
	{ "longexp.test", DNS_TXT, "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}"
	    "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}" },
	{ "explabel.test", DNS_TXT, "v=spf1 -all exp=a..test" },

	{ "p.test", DNS_TXT, "v=spf1 exists:%{p}.p.test -all" },
	{ "Host.Ptr.test.p.test", DNS_A, "127.0.0.1" },
	{ "host.ptr.test.p.test", DNS_A, "127.0.0.1" },
	{ "unknown.p.test", DNS_A, "127.0.0.1" },
	{ "38.2.0.192.in-addr.arpa", DNS_PTR, "any.test" },
	{ "38.2.0.192.in-addr.arpa", DNS_PTR, "sub.pick.test" },
	{ "38.2.0.192.in-addr.arpa", DNS_PTR, "pick.test" },
	{ "any.test", DNS_A, "192.0.2.38" },
	{ "sub.pick.test", DNS_A, "192.0.2.38" },
	{ "pick.test", DNS_A, "192.0.2.38" },
	{ "pick.test", DNS_TXT, "v=spf1 -all exp=pexp.test" },
	{ "sub2.test", DNS_TXT, "v=spf1 -all exp=pexp.test" },
	{ "pexp.test", DNS_TXT, "%{p}" },

	/* 9 + redirect's own is 10; one more is too many. */
	{ "ten.test", DNS_TXT, "v=spf1 a:a.test a:a.test a:a.test a:a.test "
	    "a:a.test a:a.test a:a.test a:a.test a:a.test redirect=q.test" },
	{ "eleven.test", DNS_TXT, "v=spf1 a:a.test a:a.test a:a.test "
	    "a:a.test a:a.test a:a.test a:a.test a:a.test a:a.test a:a.test "
	    "redirect=q.test" },
	{ "free.test", DNS_TXT, "v=spf1 a:a.test a:a.test a:a.test "
	    "a:a.test a:a.test a:a.test a:a.test a:a.test a:a.test a:a.test "
	    "ip4:192.0.2.2 all exp=exp2.test" },
	{ "incten.test", DNS_TXT, "v=spf1 include:nine.test a:a.test -all" },
	{ "nine.test", DNS_TXT, "v=spf1 a:a.test a:a.test a:a.test a:a.test "
	    "a:a.test a:a.test a:a.test a:a.test a:a.test -all" },
	{ "before.test", DNS_TXT, "v=spf1 ip4:192.0.2.2 include:eleven.test "
	    "include:eleven.test -all" },
	{ "void2.test", DNS_TXT, "v=spf1 a:n1.test exists:n2.test "
	    "a:a.test -all" },
	{ "void3.test", DNS_TXT, "v=spf1 a:n1.test exists:n2.test mx:n3.test "
	    "a:a.test -all" },
	{ "voidinc.test", DNS_TXT, "v=spf1 include:void2in.test mx:n3.test "
	    "-all" },
	{ "void2in.test", DNS_TXT, "v=spf1 a:n1.test exists:n2.test" },
	{ "voidmx.test", DNS_TXT, "v=spf1 mx:tenmx.test -all" },
	{ "cut.test", DNS_TXT, "v=spf1 exists:x.%{d}.%{l}.%{l}.%{l}.%{l}."
	    "%{l}.%{l}.%{l}.end.test -all" },
	{ "cut.test." LONG_LABEL "." LONG_LABEL "." LONG_LABEL ".end.test",
	    DNS_A, "127.0.0.1" },
	{ LONG_LABEL "." LONG_LABEL "." LONG_LABEL ".end.test", DNS_A,
	    "127.0.0.1" },
	{ "huge.test", DNS_TXT, "v=spf1 exists:%{s}%{s}%{s}%{s}%{s}%{s}%{s}"
	    "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}"
	    "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}"
	    "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}"
	    ".a.test -all" },
	{ "helo.test", DNS_TXT, "v=spf1 a:%{h} -exists:%{l}.%{o}.test -all" },
	{ "postmaster.helo.test.test", DNS_A, "127.0.0.1" },
};

#endif
