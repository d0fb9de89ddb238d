package dev.pbp.web;

/** A value that the client sent and that is no good: answered 400, with the field's name. */
public final class BadFieldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String field;

    /**
     * Names the field.
     *
     * @param field as the client knows it
     * @param detail what is wrong and what was expected; shown to the client
     */
    public BadFieldException(String field, String detail) {
        super(field + ": " + detail);
        this.field = field;
    }

    /**
     * The field.
     *
     * @return its name
     */
    public String field() {
        return field;
    }
}
