package dev.pbp.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of addresses, as CIDR writes them: {@code 10.0.0.0/8}, {@code 2001:db8::/32}. An address alone is a range of one.
 *
 * @param network the first address of the range
 * @param prefix how many bits all of its addresses share
 */
record AddressRange(InetAddress network, int prefix) {
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern FORM = Pattern.compile(
            "((?:" + BYTE + "\\.){3}" + BYTE + "|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:/(0|[1-9][0-9]{0,2}))?");

    /**
     * Parses a range.
     *
     * @param text an IPv4 or IPv6 address, with or without a prefix
     * @return the range
     * @throws IllegalArgumentException if it is none, or if the address has bits behind the prefix; the message names it
     */
    static AddressRange parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw bad(text);
        }
        InetAddress address = address(form.group(1), text);
        int bits = Byte.SIZE * address.getAddress().length;
        int prefix = form.group(2) == null ? bits : Integer.parseInt(form.group(2));
        if (prefix > bits) {
            throw new IllegalArgumentException(
                    "\"" + text + "\": its prefix is longer than the " + bits + " bits of such an address");
        }
        AddressRange range = new AddressRange(address, prefix);
        if (!range.isNetwork()) {
            throw new IllegalArgumentException("\"" + text + "\": the address has bits set behind the first " + prefix
                    + ", which a range has not; write the first address of the range");
        }
        return range;
    }

    /** In brackets, what has the form of an IPv6 address is never taken for a name to look up. */
    private static InetAddress address(String literal, String text) {
        try {
            return InetAddress.getByName(literal.indexOf(':') < 0 ? literal : "[" + literal + "]");
        } catch (UnknownHostException notAnAddress) {
            throw bad(text);
        }
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException(
                "\"" + text + "\" is no range of addresses: expected such as 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32");
    }

    private boolean isNetwork() {
        byte[] bytes = network.getAddress();
        for (int bit = prefix; bit < Byte.SIZE * bytes.length; bit++) {
            if (isSet(bytes, bit)) {
                return false;
            }
        }
        return true;
    }

    /** Whether an address belongs to it. IPv4 addresses and IPv6 addresses never belong to ranges of the other kind. */
    boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        byte[] first = network.getAddress();
        if (bytes.length != first.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            if (isSet(bytes, bit) != isSet(first, bit)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSet(byte[] bytes, int bit) {
        return (bytes[bit / Byte.SIZE] >> (Byte.SIZE - 1 - bit % Byte.SIZE) & 1) != 0;
    }
}
