package dev.pbp.notify.internal.payload;

import org.jspecify.annotations.Nullable;

/** One part of a payload that did not fit into one notification; see {@link PayloadEncoding}. */
record PayloadPart(String id, int index, int count, int bytes, boolean binary, String data) {
    private static final int LONGEST_ID = 64;

    /** The part that this text is, or null if it only begins like one. */
    static @Nullable PayloadPart parse(String text) {
        int[] colons = new int[5];
        int at = PayloadEncoding.PART.length() - 1;
        for (int i = 0; i < colons.length; i++) {
            at = text.indexOf(':', at + 1);
            if (at < 0) {
                return null;
            }
            colons[i] = at;
        }
        String id = text.substring(PayloadEncoding.PART.length(), colons[0]);
        int index = number(text, colons[0] + 1, colons[1]);
        int count = number(text, colons[1] + 1, colons[2]);
        int bytes = number(text, colons[2] + 1, colons[3]);
        String kind = text.substring(colons[3] + 1, colons[4]);
        boolean known = kind.equals("t") || kind.equals("b");
        if (id.isEmpty() || id.length() > LONGEST_ID || index < 1 || count < index || bytes < count || !known) {
            return null;
        }
        return new PayloadPart(id, index, count, bytes, kind.equals("b"), text.substring(colons[4] + 1));
    }

    /** The number in plain digits, or -1. */
    private static int number(String text, int start, int end) {
        if (start == end || end - start > 9) {
            return -1;
        }
        int value = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    /** The same for comparing it with the next one. */
    PayloadPart withoutData() {
        return new PayloadPart(id, index, count, bytes, binary, "");
    }

    boolean isLast() {
        return index == count;
    }

    boolean continues(PayloadPart before) {
        return index == before.index + 1 && count == before.count && bytes == before.bytes && binary == before.binary;
    }
}
