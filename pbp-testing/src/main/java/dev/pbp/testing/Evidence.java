package dev.pbp.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Records that a test attacks a promise of {@code docs/guarantees.md}, and which line was broken once to see it fail. The line was
 * changed as described, the test failed, and the line was restored.
 *
 * <p>Each annotation has exactly one of {@link #brokenOnce}, {@link #notBroken} and {@link #recordedAt}. On a class it stands for all
 * its tests. The build reads the annotations from the sources and compares {@code docs/evidence.md} with them.
 *
 * <p>Tests of the browser's module have the same in a comment above {@code test} or {@code describe}:
 * {@code // evidence: ID | CLAIM | broken once: LINE}, where the claim may be left out, and {@code not broken: REASON} or
 * {@code recorded at: TEST} may stand in place of the line.
 */
@Documented
@Repeatable(Evidence.List.class)
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.CLASS)
public @interface Evidence {
    /** The promise's id in {@code docs/guarantees.md}. */
    String guarantee();

    /** What the test shows of the promise, in one sentence; by default the words of the test's name. */
    String claim() default "";

    /** How the promise is kept, in a few words; by default nothing. */
    String how() default "";

    /**
     * The lines that were broken, each as {@code Class.member: what was changed} or {@code file, name: what was changed}. The build
     * fails if such a class, member, file or name does not exist.
     */
    String[] brokenOnce() default {};

    /** Why no line was broken. */
    String notBroken() default "";

    /** Another test of the same promise, which has the record of the line: {@code Class}, {@code Class.method} or a file. */
    String recordedAt() default "";

    /** Several records at one test. */
    @Documented
    @Target({ElementType.TYPE, ElementType.METHOD})
    @Retention(RetentionPolicy.CLASS)
    @interface List {
        /** The records. */
        Evidence[] value();
    }
}
