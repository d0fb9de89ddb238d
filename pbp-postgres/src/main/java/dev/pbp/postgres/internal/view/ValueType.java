package dev.pbp.postgres.internal.view;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A type whose values are compared in memory exactly as PostgreSQL compares them. A value is an object that equals another exactly
 * if PostgreSQL's {@code =} does. What does not look as PostgreSQL writes it is rejected, never guessed.
 */
public enum ValueType {
    /** bool. */
    BOOLEAN("true|false") {
        @Override
        Comparable<?> parse(String json) {
            return json.equals("true") ? Boolean.TRUE : Boolean.FALSE;
        }
    },
    /** int2; what has more digits than its pattern may be out of its range. */
    SMALLINT("-?[0-9]{1,5}", 4),
    /** int4. */
    INTEGER("-?[0-9]{1,10}", 9),
    /** int8. */
    BIGINT("-?[0-9]{1,19}", 18),
    /** numeric. */
    NUMERIC("(?s).*") {
        @Override
        Comparable<?> parse(String json) {
            return Decimal.parse(json);
        }

        @Override
        @Nullable
        String canonical(String operand) {
            return SHORT_NUMERIC.matcher(operand).matches() ? operand : null;
        }
    },
    /** uuid, in lower case: the order of the texts is that of the bytes. */
    UUID("\"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\"") {
        @Override
        Comparable<?> parse(String json) {
            return JsonRow.text(json);
        }
    },
    /** date: days since 2000-01-01. */
    DATE("\"([0-9]{4,7})-([0-9]{2})-([0-9]{2})()()()()()( BC)?\"|\"-?infinity\"") {
        @Override
        Comparable<?> parseMatched(Matcher date) {
            return days(date);
        }
    },
    /** time: microseconds of the day. */
    TIME("\"()()()([0-9]{2}):([0-9]{2}):([0-9]{2})(\\.[0-9]{1,6})?()()\"") {
        @Override
        Comparable<?> parseMatched(Matcher time) {
            return micros(time);
        }
    },
    /** timestamp: microseconds since 2000-01-01. */
    TIMESTAMP(
            "\"([0-9]{4,6})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\\.[0-9]{1,6})?()( BC)?\"|\"-?infinity\"") {
        @Override
        Comparable<?> parseMatched(Matcher timestamp) {
            return days(timestamp) * DAY + micros(timestamp);
        }
    },
    /** timestamptz, which the log has in UTC. */
    TIMESTAMPTZ(
            "\"([0-9]{4,6})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\\.[0-9]{1,6})?(\\+00:00)( BC)?\"|\"-?infinity\"") {
        @Override
        Comparable<?> parseMatched(Matcher timestamp) {
            return days(timestamp) * DAY + micros(timestamp);
        }
    },
    /** text or varchar under a deterministic collation: equal texts are the same; which one is greater is for PostgreSQL to say. */
    TEXT("(?s).*") {
        @Override
        Comparable<?> parse(String json) {
            return JsonRow.text(json);
        }
    },
    /** text or varchar under the collation C, in UTF-8: the order of the bytes, which is that of the code points. */
    TEXT_C("(?s).*") {
        @Override
        Comparable<?> parse(String json) {
            return new CodePoints(JsonRow.text(json));
        }
    };

    private static final long DAY = 86_400_000_000L;
    private static final long EPOCH_2000 = LocalDate.of(2000, 1, 1).toEpochDay();
    private static final int MICRO_DIGITS = 6;
    private static final Pattern SHORT_NUMERIC = Pattern.compile("-?[0-9]{1,100}(\\.[0-9]{1,100})?");

    private final Pattern pattern;
    private final int safeDigits;

    ValueType(String json) {
        this(json, 0);
    }

    ValueType(String json, int safeDigits) {
        this.pattern = Pattern.compile(json);
        this.safeDigits = safeDigits;
    }

    private record CodePoints(String text) implements Comparable<CodePoints> {
        @Override
        public int compareTo(CodePoints other) {
            int length = Math.min(text.length(), other.text.length());
            for (int i = 0; i < length; i++) {
                char a = text.charAt(i);
                char b = other.text.charAt(i);
                if (a != b) {
                    boolean above = Character.isSurrogate(a); // then a code point beyond those of one character
                    return above == Character.isSurrogate(b) ? Character.compare(a, b) : above ? 1 : -1;
                }
            }
            return Integer.compare(text.length(), other.text.length());
        }
    }

    /** Whether values have an order here. */
    public boolean isOrdered() {
        return this != TEXT;
    }

    /**
     * A value from a row.
     *
     * @param json a value of this type other than null, as {@code to_json} writes it
     * @return equal to another exactly if the values are
     * @throws UnfitRowException if it is of another type
     */
    public final Comparable<?> of(String json) {
        Matcher matcher = pattern.matcher(json);
        if (!matcher.matches()) {
            throw new UnfitRowException("a value is not of the type " + this);
        }
        try {
            return matcher.groupCount() < 9 ? parse(json) : parseTime(json, matcher);
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw new UnfitRowException("a value is not of the type " + this);
        }
    }

    Comparable<?> parse(String json) {
        return Long.valueOf(json);
    }

    private Comparable<?> parseTime(String json, Matcher matcher) {
        return switch (json) {
            case "\"infinity\"" -> Long.MAX_VALUE;
            case "\"-infinity\"" -> Long.MIN_VALUE;
            default -> parseMatched(matcher);
        };
    }

    Comparable<?> parseMatched(Matcher matcher) {
        throw new IllegalStateException(this + " is no time");
    }

    /**
     * The value of an operand that PostgreSQL's input function certainly understands so.
     *
     * @return null if PostgreSQL has to be asked
     */
    public final @Nullable Comparable<?> certain(String operand) {
        return switch (this) {
            case UUID, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> certainJson('"' + operand + '"');
            case TEXT, TEXT_C -> isStorable(operand) ? ofText(operand) : null;
            default -> canonical(operand) == null ? null : of(operand);
        };
    }

    private Comparable<?> ofText(String text) {
        return this == TEXT ? text : new CodePoints(text);
    }

    /** A database in UTF-8 stores every text but these. */
    private static boolean isStorable(String text) {
        return text.indexOf('\0') < 0
                && text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private @Nullable Comparable<?> certainJson(String json) {
        if (this != UUID && this != TIME && (json.length() < 12 || json.charAt(5) != '-' || json.endsWith(" BC\""))) {
            return null; // not a year of four digits, all of which every type has
        }
        try {
            return of(json);
        } catch (UnfitRowException notCertain) {
            return null;
        }
    }

    @Nullable
    String canonical(String operand) {
        int digits = operand.length() - (operand.startsWith("-") ? 1 : 0);
        boolean certain = pattern.matcher(operand).matches() && (safeDigits == 0 || digits <= safeDigits);
        return certain ? operand : null;
    }

    /** Of the proleptic Gregorian calendar, as PostgreSQL counts. There is no year 0: 1 BC is before 1. */
    private static long days(Matcher groups) {
        int year = Integer.parseInt(groups.group(1));
        if (year == 0) {
            throw new DateTimeException("no year 0");
        }
        return LocalDate.of(
                                groups.group(9) == null ? year : 1 - year,
                                Integer.parseInt(groups.group(2)),
                                Integer.parseInt(groups.group(3)))
                        .toEpochDay()
                - EPOCH_2000;
    }

    private static long micros(Matcher groups) {
        int minutes = Integer.parseInt(groups.group(5));
        int seconds = Integer.parseInt(groups.group(6));
        String fraction = groups.group(7) == null ? "" : groups.group(7).substring(1);
        long micros = ((Long.parseLong(groups.group(4)) * 60 + minutes) * 60 + seconds) * 1_000_000
                + Long.parseLong((fraction + "000000").substring(0, MICRO_DIGITS));
        if (minutes >= 60 || seconds >= 60 || micros > DAY) {
            throw new DateTimeException("no time of a day");
        }
        return micros;
    }
}
