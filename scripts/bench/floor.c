/*
 * Builds a lab with as little as the kernel needs for it: one thread, numbers of interfaces
 * chosen instead of asked for, each cable in one request, many requests in each sendmsg, one
 * acknowledgement for all of them. It is what nsl's speed is compared with, and shares no
 * code with it.
 *
 *	floor star|pairs|chain|leaf-spine N [COMMAND ARG...]
 *
 * star: N nodes on one bridge. pairs: N cables between two nodes each. chain: N routers in a
 * line, each with routes to both ends. leaf-spine: N leaves, each with a cable to each of 8
 * spines. The lab is in user, mount and network namespaces of its own, and gone with the
 * process. COMMAND looks at it from inside; only for it the namespaces get names.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPINES = 8, LOOPBACK = 1, BRIDGE = 2000, FIRST_INDEX = 3000, BATCH = 1 << 15 };

/* A route to the subnet of a cable. */
struct route { unsigned to, gateway; };

/* A node has a namespace and a socket in it. Interfaces are numbered from FIRST_INDEX in the
 * order of its cables; the host's are the bridge's ports. */
struct node { int ns, sock, links, forward, nroutes; unsigned addr[256]; struct route route[2]; };

struct cable { int a, b; };

static struct node *nodes; /* the first is the host */
static struct cable *cables;
static int count, ncables, bits, named;

static void fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The requests that are not sent yet. */
static char out[2 * BATCH];
static int len;
static struct nlmsghdr *last;

static void *put(const void *data, int size)
{
	void *at = out + len;
	memset(at, 0, NLMSG_ALIGN(size));
	if (data)
		memcpy(at, data, size);
	len += NLMSG_ALIGN(size);
	return at;
}

static void begin(int type, int flags)
{
	struct nlmsghdr head = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags};
	last = put(&head, sizeof head);
}

static void end(void) { last->nlmsg_len = out + len - (char *)last; }

static struct rtattr *attr(int type, const void *data, int size)
{
	struct rtattr head = {.rta_type = type, .rta_len = RTA_LENGTH(size)}, *at = put(&head, sizeof head);
	if (size)
		put(data, size);
	return at;
}

static void nested(struct rtattr *a) { a->rta_len = out + len - (char *)a; }

/* The kernel has done a batch when send returns; a request that failed is reported unasked. */
static void flush(int sock, const char *what)
{
	char in[8192];
	struct nlmsghdr *h = (void *)in;
	if (!len)
		return;
	last->nlmsg_flags |= NLM_F_ACK;
	if (send(sock, out, len, 0) < 0 || recv(sock, in, sizeof in, 0) < 0)
		fail(what);
	len = 0;
	if (h->nlmsg_type == NLMSG_ERROR && (errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error))
		fail(what);
}

static int dial(void)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (sock < 0)
		fail("socket");
	return sock;
}

static void set(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd))
		fail(file);
}

/* What a lab of nsl is in, too: it needs no root, and no name of it is seen outside. */
static void enter(void)
{
	char map[2][64];
	sprintf(map[0], "0 %d 1", getuid());
	sprintf(map[1], "0 %d 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET))
		fail("unshare");
	set("/proc/self/setgroups", "deny");
	set("/proc/self/uid_map", map[0]);
	set("/proc/self/gid_map", map[1]);
	if (mount("", "/", "", MS_REC | MS_PRIVATE, "") || mount("tmpfs", "/run", "tmpfs", 0, "") || mkdir("/run/netns", 0755))
		fail("mount");
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static void create(int i)
{
	struct node *n = &nodes[i];
	if (i && unshare(CLONE_NEWNET))
		fail("unshare");
	if ((n->ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) < 0)
		fail("open namespace");
	n->sock = dial();
	if (n->forward)
		set("/proc/sys/net/ipv4/ip_forward", "1");
	if (i && named) {
		char name[64];
		sprintf(name, "/run/netns/n%d", i);
		close(open(name, O_CREAT | O_CLOEXEC, 0));
		if (mount("/proc/thread-self/ns/net", name, "", MS_BIND, ""))
			fail(name);
	}
}

static void up(int index)
{
	struct ifinfomsg link = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	begin(RTM_NEWLINK, 0);
	put(&link, sizeof link);
	end();
}

static void address(int index, unsigned ip)
{
	struct ifaddrmsg a = {.ifa_family = AF_INET, .ifa_prefixlen = bits, .ifa_index = index};
	unsigned local = htonl(ip), broadcast = htonl(ip | (0xffffffffu >> bits));
	begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	put(&a, sizeof a);
	attr(IFA_LOCAL, &local, 4);
	attr(IFA_ADDRESS, &local, 4);
	attr(IFA_BROADCAST, &broadcast, 4);
	end();
}

static void route(struct route r)
{
	struct rtmsg m = {.rtm_family = AF_INET, .rtm_dst_len = bits, .rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC, .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST};
	unsigned to = htonl(r.to), gateway = htonl(r.gateway);
	begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	put(&m, sizeof m);
	attr(RTA_DST, &to, 4);
	attr(RTA_GATEWAY, &gateway, 4);
	end();
}

static void bridge(void)
{
	struct ifinfomsg link = {.ifi_index = BRIDGE, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	put(&link, sizeof link);
	attr(IFLA_IFNAME, "sw", 3);
	struct rtattr *info = attr(IFLA_LINKINFO, 0, 0);
	attr(IFLA_INFO_KIND, "bridge", 7);
	nested(info);
	end();
	address(BRIDGE, 0x0a00fffe);
	up(LOOPBACK);
	flush(nodes[0].sock, "bridge");
}

/* One request makes both ends where they belong. A port of the bridge is set up with it,
 * which the kernel refuses for the other end. */
static void cable(struct cable c)
{
	int master = BRIDGE, flags = c.a ? 0 : IFF_UP;
	char name[IFNAMSIZ];
	struct ifinfomsg here = {.ifi_index = FIRST_INDEX + nodes[c.a].links++, .ifi_flags = flags, .ifi_change = flags};
	struct ifinfomsg there = {.ifi_index = FIRST_INDEX + nodes[c.b].links++};
	begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	put(&here, sizeof here);
	attr(IFLA_IFNAME, name, sprintf(name, "e%d", nodes[c.a].links) + 1);
	if (!c.a)
		attr(IFLA_MASTER, &master, 4);
	struct rtattr *info = attr(IFLA_LINKINFO, 0, 0);
	attr(IFLA_INFO_KIND, "veth", 5);
	struct rtattr *data = attr(IFLA_INFO_DATA, 0, 0), *peer = attr(VETH_INFO_PEER, &there, sizeof there);
	attr(IFLA_IFNAME, name, sprintf(name, "e%d", nodes[c.b].links) + 1);
	attr(IFLA_NET_NS_FD, &nodes[c.b].ns, 4);
	nested(peer);
	nested(data);
	nested(info);
	end();
}

static void makeCables(void)
{
	for (int i = 0; i < ncables; i++) {
		cable(cables[i]);
		if (len > BATCH || i + 1 == ncables || cables[i + 1].a != cables[i].a)
			flush(nodes[cables[i].a].sock, "cable");
	}
}

/* What is left to do in a node, in one batch. */
static void finish(struct node *n)
{
	up(LOOPBACK);
	for (int i = 0; i < n->links; i++) {
		address(FIRST_INDEX + i, n->addr[i]);
		up(FIRST_INDEX + i);
	}
	for (int i = 0; i < n->nroutes; i++)
		route(n->route[i]);
	flush(n->sock, "node");
}

/* Cables are given in the order in which their ends get numbers, which is that of addr. */
static void join(int a, int b, unsigned ipA, unsigned ipB)
{
	cables[ncables++] = (struct cable){a, b};
	if (a)
		nodes[a].addr[nodes[a].links++] = ipA;
	nodes[b].addr[nodes[b].links++] = ipB;
}

static unsigned subnet(int i) { return 0x0a000000 + 4 * i; }

static void star(int n)
{
	bits = 16;
	for (int i = 1; i <= n; i++)
		join(0, i, 0, 0x0a000000 + i);
}

static void pairs(int n)
{
	for (int i = 0; i < n; i++)
		join(2 * i + 1, 2 * i + 2, subnet(i) + 1, subnet(i) + 2);
}

static void chain(int n)
{
	for (int i = 1; i <= n; i++) {
		struct node *r = &nodes[i];
		r->forward = 1;
		if (i < n)
			join(i, i + 1, subnet(i) + 1, subnet(i) + 2);
		if (i > 2)
			r->route[r->nroutes++] = (struct route){subnet(1), subnet(i - 1) + 1};
		if (i < n - 1)
			r->route[r->nroutes++] = (struct route){subnet(n - 1), subnet(i) + 2};
	}
}

static void leafSpine(int n)
{
	for (int leaf = 0; leaf < n; leaf++)
		for (int s = 0; s < SPINES; s++) {
			int i = SPINES * leaf + s;
			join(SPINES + 1 + leaf, 1 + s, subnet(i) + 1, subnet(i) + 2);
		}
	for (int i = 1; i <= n + SPINES; i++)
		nodes[i].forward = 1;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*plan)(int); int perN, more, cablesPerN; } kinds[] = {
		{"star", star, 1, 0, 1}, {"pairs", pairs, 2, 0, 1}, {"chain", chain, 1, 0, 1}, {"leaf-spine", leafSpine, 1, SPINES, SPINES}};
	int kind = 0, n = argc > 2 ? atoi(argv[2]) : 0;
	while (kind < 4 && argc > 1 && strcmp(argv[1], kinds[kind].name))
		kind++;
	if (kind == 4 || n < 1 || (kind == 3 && n > 255)) {
		fprintf(stderr, "usage: floor star|pairs|chain|leaf-spine N [COMMAND ARG...]\n");
		return 2;
	}
	named = argc > 3;
	count = 1 + kinds[kind].perN * n + kinds[kind].more;
	nodes = calloc(count, sizeof *nodes);
	cables = calloc(kinds[kind].cablesPerN * n, sizeof *cables);
	bits = 30;
	kinds[kind].plan(n);
	enter();
	for (int i = 0; i < count; i++) {
		create(i);
		nodes[i].links = 0;
	}
	if (kind == 0)
		bridge();
	makeCables();
	for (int i = 1; i < count; i++)
		finish(&nodes[i]);
	if (!named)
		return 0;
	if (setns(nodes[0].ns, CLONE_NEWNET))
		fail("setns");
	execvp(argv[3], argv + 3);
	fail(argv[3]);
}
