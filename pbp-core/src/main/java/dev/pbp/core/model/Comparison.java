package dev.pbp.core.model;

import java.util.List;

/**
 * Compares a column of a row with values.
 *
 * @param column the column's name
 * @param negated whether the outcome is reversed, as by SQL's NOT: a comparison with null stays unknown
 * @param operator the operator
 * @param operands the values as PostgreSQL's text: one; for {@link Operator#IN} any number
 */
public record Comparison(String column, boolean negated, Operator operator, List<String> operands) {
    /** Copies, and checks how many operands there are. */
    public Comparison {
        operands = List.copyOf(operands);
        if (operator != Operator.IN && operands.size() != 1) {
            throw new IllegalArgumentException(column + ": " + operator + " takes one operand, got " + operands.size());
        }
    }

    /** How a column is compared. Each has the meaning of PostgreSQL's operator for the column's type. */
    public enum Operator {
        /** {@code =}. */
        EQ,
        /** {@code <>}. */
        NEQ,
        /** {@code >}. */
        GT,
        /** {@code >=}. */
        GTE,
        /** {@code <}. */
        LT,
        /** {@code <=}. */
        LTE,
        /** LIKE; the operand is a pattern. */
        LIKE,
        /** ILIKE; the operand is a pattern. */
        ILIKE,
        /** IN a list; a list without values contains nothing. */
        IN,
        /** IS; the operand is {@code null}, {@code not_null}, {@code true}, {@code false} or {@code unknown}. */
        IS
    }
}
