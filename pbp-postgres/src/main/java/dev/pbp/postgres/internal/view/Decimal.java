package dev.pbp.postgres.internal.view;

import java.util.regex.Pattern;

/**
 * A value of the type numeric, in PostgreSQL's order: NaN is equal to itself and above all others. It is compared digit by digit:
 * a conversion to binary would take time with the square of their number, of which there may be 147,455.
 *
 * @param rank -2 for negative infinity, -1 for a negative number, 0, 1, 2 for infinity, 3 for NaN
 * @param whole the digits before the point, without leading zeros
 * @param fraction the digits after it, without trailing zeros
 */
record Decimal(int rank, String whole, String fraction) implements Comparable<Decimal> {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]++(\\.[0-9]++)?");

    /** From JSON as PostgreSQL writes it. */
    static Decimal parse(String json) {
        switch (json) {
            case "\"NaN\"":
                return new Decimal(3, "", "");
            case "\"Infinity\"":
                return new Decimal(2, "", "");
            case "\"-Infinity\"":
                return new Decimal(-2, "", "");
            default:
                if (!NUMBER.matcher(json).matches()) {
                    throw new UnfitRowException("a value is not a number");
                }
        }
        boolean negative = json.startsWith("-");
        int from = negative ? 1 : 0;
        int point = json.indexOf('.');
        int end = point < 0 ? json.length() : point;
        while (from < end && json.charAt(from) == '0') {
            from++;
        }
        int last = json.length();
        while (point >= 0 && last > point + 1 && json.charAt(last - 1) == '0') {
            last--;
        }
        String whole = json.substring(from, end);
        String fraction = point < 0 ? "" : json.substring(point + 1, last);
        boolean zero = whole.isEmpty() && fraction.isEmpty();
        return new Decimal(zero ? 0 : negative ? -1 : 1, whole, fraction);
    }

    @Override
    public int compareTo(Decimal other) {
        if (rank != other.rank || Math.abs(rank) != 1) {
            return Integer.compare(rank, other.rank);
        }
        int magnitude = Integer.compare(whole.length(), other.whole.length());
        magnitude = magnitude == 0 ? whole.compareTo(other.whole) : magnitude;
        magnitude = magnitude == 0 ? fraction.compareTo(other.fraction) : magnitude;
        return rank * Integer.signum(magnitude);
    }
}
