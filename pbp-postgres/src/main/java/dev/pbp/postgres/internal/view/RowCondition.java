package dev.pbp.postgres.internal.view;

import dev.pbp.core.model.Comparison.Operator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A condition that is evaluated in memory.
 *
 * @param column the column's name
 * @param negated whether the outcome is reversed, as by SQL's NOT
 * @param operator any but LIKE and ILIKE
 * @param type the column's type; null for IS, which asks for null, true or false in any type
 * @param operands values of the type; for IS its word
 */
public record RowCondition(
        String column,
        boolean negated,
        Operator operator,
        @Nullable ValueType type,
        Set<Comparable<?>> operands) {
    private static final String NULL = "null";

    public RowCondition {
        operands = Set.copyOf(operands);
    }

    /**
     * Whether it is true, neither false nor unknown.
     *
     * @throws UnfitRowException if the row's value is not of the type
     */
    boolean holds(JsonRow row) {
        String value = row.value(column);
        if (type == null) {
            return is(value) != negated;
        }
        if (operands.isEmpty()) {
            return negated; // IN () is false, also for null
        }
        return !value.equals(NULL) && compare(type.of(value)) != negated;
    }

    private Comparable<?> operand() {
        return operands.iterator().next();
    }

    private boolean is(String value) {
        return switch ((String) operand()) {
            case NULL, "unknown" -> value.equals(NULL);
            case "not_null" -> !value.equals(NULL);
            case "true" -> value.equals("true");
            default -> value.equals("false");
        };
    }

    private boolean compare(Comparable<?> value) {
        return switch (operator) {
            case EQ, IN -> operands.contains(value);
            case NEQ -> !operands.contains(value);
            case GT -> order(value) > 0;
            case GTE -> order(value) >= 0;
            case LT -> order(value) < 0;
            case LTE -> order(value) <= 0;
            case LIKE, ILIKE, IS -> throw new IllegalStateException(operator + " is not evaluated here");
        };
    }

    @SuppressWarnings("unchecked") // both are values of one type
    private int order(Comparable<?> value) {
        return ((Comparable<Object>) value).compareTo(operand());
    }

    /** Whether only rows with one of the operands in the column can meet it. */
    boolean isEquality() {
        return type != null && !negated && (operator == Operator.EQ || operator == Operator.IN);
    }
}
