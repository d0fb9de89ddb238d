package dev.pbp.embedding;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** As an application server has it: the driver in a class loader that does not see the application. */
public final class Isolated {
    private Isolated() {}

    /** Arguments: the driver, the library, these classes, and the database's address. */
    public static void main(String[] arguments) throws Exception {
        ClassLoader platform = ClassLoader.getPlatformClassLoader();
        Thread.currentThread().setContextClassLoader(platform);
        try (URLClassLoader server = new URLClassLoader(new URL[] {url(arguments[0])}, platform);
                URLClassLoader application =
                        new URLClassLoader(new URL[] {url(arguments[1]), url(arguments[2])}, server)) {
            System.out.println(application
                    .loadClass(Embedded.class.getName())
                    .getMethod("roundTrip", String.class)
                    .invoke(null, arguments[3]));
        }
    }

    private static URL url(String path) throws Exception {
        return Path.of(path).toUri().toURL();
    }
}
