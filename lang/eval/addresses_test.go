package eval_test

import "testing"

func TestAddressArithmetic(t *testing.T) {
	expect(t, map[string]string{
		"host(10.0.0.0/24, 1)": "address 10.0.0.1", "host(10.0.0.0/24, 0)": "address 10.0.0.0", "host(10.0.0.0/24, 255)": "address 10.0.0.255",
		"host(10.0.0.0/24, -1)": "address 10.0.0.255", "host(10.0.0.0/24, -2)": "address 10.0.0.254", "host(10.0.0.0/24, -256)": "address 10.0.0.0",
		"host(10.0.0.77/24, 1)": "address 10.0.0.1",
		"host(0.0.0.0/0, -1)":   "address 255.255.255.255", "host(0.0.0.0/0, 4294967295)": "address 255.255.255.255",
		"host(10.0.0.0/31, 0)": "address 10.0.0.0", "host(10.0.0.0/31, 1)": "address 10.0.0.1", "host(10.0.0.0/31, -1)": "address 10.0.0.1",
		"host(10.0.0.7/32, 0)": "address 10.0.0.7", "host(10.0.0.7/32, -1)": "address 10.0.0.7",
		"host(fd00::/64, 1)": "address fd00::1", "host(fd00::/64, -1)": "address fd00::ffff:ffff:ffff:ffff",
		"host(::/0, -1)": "address ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "host(fd00::/64, 9223372036854775807)": "address fd00::7fff:ffff:ffff:ffff",
		"host(fd00::5/128, 0)": "address fd00::5", "host(fd00::/127, 1)": "address fd00::1",

		"subnet(10.0.0.0/24, 26, 0)": "prefix 10.0.0.0/26", "subnet(10.0.0.0/24, 26, 3)": "prefix 10.0.0.192/26",
		"subnet(10.0.0.9/24, 26, 2)": "prefix 10.0.0.128/26", "subnet(10.0.0.0/24, 24, 0)": "prefix 10.0.0.0/24",
		"subnet(0.0.0.0/0, 32, 4294967295)": "prefix 255.255.255.255/32", "subnet(0.0.0.0/0, 0, 0)": "prefix 0.0.0.0/0",
		"subnet(fd00::/48, 64, 65535)": "prefix fd00:0:0:ffff::/64", "subnet(::/0, 128, 9223372036854775807)": "prefix ::7fff:ffff:ffff:ffff/128",
		"subnet(fd00::/64, 128, 1)": "prefix fd00::1/128", "subnet(10.0.0.0/31, 32, 1)": "prefix 10.0.0.1/32",

		"prefixlen(10.0.0.0/24)": "number 24", "prefixlen(::/0)": "number 0", "prefixlen(10.0.0.1/32)": "number 32", "prefixlen(fd00::1/128)": "number 128",

		"contains(10.0.0.0/24, 10.0.0.255)": "truth value true", "contains(10.0.0.0/24, 10.0.1.0)": "truth value false",
		"contains(0.0.0.0/0, 10.0.0.1)": "truth value true", "contains(0.0.0.0/0, fd00::1)": "truth value false", "contains(::/0, fd00::1)": "truth value true",
		"contains(10.0.0.0/31, 10.0.0.1)": "truth value true", "contains(10.0.0.1/32, 10.0.0.1)": "truth value true",
		"contains(10.0.0.1/32, 10.0.0.2)": "truth value false", "contains(fd00::/127, fd00::1)": "truth value true",
		"contains(fd00::1/128, fd00::2)": "truth value false", "contains(10.0.0.0/8, 10.1.0.0/16)": "truth value true",
		"contains(10.1.0.0/16, 10.0.0.0/8)": "truth value false", "contains($ab, b)": "truth value true", "contains(hello, lo)": "truth value true",
	})
}

func TestAddressArithmeticRefuses(t *testing.T) {
	expect(t, map[string]string{
		"host(10.0.0.0/24, 256)": "host: 10.0.0.0/24 has no address number 256", "host(10.0.0.0/24, -257)": "host: 10.0.0.0/24 has no address number -257",
		"host(10.0.0.9/31, 2)": "host: 10.0.0.8/31 has no address number 2", "host(10.0.0.7/32, 1)": "host: 10.0.0.7/32 has no address number 1",
		"host(10.0.0.7/32, -2)": "host: 10.0.0.7/32 has no address number -2", "host(0.0.0.0/0, 4294967296)": "host: 0.0.0.0/0 has no address number 4294967296",
		"host(fd00::/127, 2)": "host: fd00::/127 has no address number 2",
		"host(10.0.0.1, 1)":   "host: a subnet as 10.0.0.0/24 is wanted, not the address 10.0.0.1",
		"host(net, 1)":        `host: a subnet as 10.0.0.0/24 is wanted, not the text "net"`, "host(10.0.0.0/24, one)": `host: a whole number is wanted, not the text "one"`,
		"host(10.0.0.0/24, 1.5)": "host: a whole number is wanted, not the number 1.5", "host(10.0.0.0/24)": "host does not take 1 arguments",
		"subnet(10.0.0.0/24, 26, 4)": "subnet: 10.0.0.0/24 has no /26 number 4: they are counted from 0", "subnet(10.0.0.0/24, 26, -1)": "subnet: 10.0.0.0/24 has no /26 number -1: they are counted from 0",
		"subnet(10.0.0.0/24, 23, 0)":              "subnet: a subnet of 10.0.0.0/24 has a prefix length of 24 to 32, not 23",
		"subnet(10.0.0.0/24, 33, 0)":              "subnet: a subnet of 10.0.0.0/24 has a prefix length of 24 to 32, not 33",
		"subnet(fd00::/64, 129, 0)":               "subnet: a subnet of fd00::/64 has a prefix length of 64 to 128, not 129",
		"subnet(fd00::/64, a, 0)":                 `subnet: a whole number is wanted, not the text "a"`,
		"subnet(::/66, 128, 9223372036854775807)": "subnet: ::/66 has no /128 number 9223372036854775807: they are counted from 0",
		"prefixlen(10.0.0.1)":                     "prefixlen: a subnet as 10.0.0.0/24 is wanted, not the address 10.0.0.1",
		"contains(5, 5)":                          "contains: in does not go between the number 5 and the number 5",
	})
}
