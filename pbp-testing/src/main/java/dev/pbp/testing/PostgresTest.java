package dev.pbp.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class with a fresh database of its own, injected where a parameter has the type {@link TestDatabase}.
 *
 * <p>The class fails if it leaves a connection to that database, a listener on it or a thread behind; each has five
 * seconds to end by itself. {@code @Nested} classes share the database of the class around them. Classes must run one
 * after the other in a JVM, since a thread does not tell which class started it.
 *
 * <p>Which PostgreSQL is used: see the module's {@code SharedServer}.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(PostgresExtension.class)
public @interface PostgresTest {}
