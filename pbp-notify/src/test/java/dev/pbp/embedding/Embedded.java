package dev.pbp.embedding;

import dev.pbp.notify.NotificationHub;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.postgresql.Driver;

/** A program that listens; needs nothing but the library and the driver. */
public final class Embedded {
    private Embedded() {}

    /** Prints what {@link #roundTrip} says of the address that is its argument. */
    public static void main(String[] arguments) throws Exception {
        System.out.println(roundTrip(arguments[0]));
    }

    /** Listens, notifies itself, and says how that went. */
    public static String roundTrip(String url) throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        try (NotificationHub hub = NotificationHub.builder(url).name("embedded").start();
                Connection connection = new Driver().connect(url, new Properties())) {
            hub.listen("embedded", notification -> heard.complete(notification.payload()))
                    .get(20, TimeUnit.SECONDS);
            try (PreparedStatement statement = connection.prepareStatement("SELECT pg_notify('embedded', 'hello')")) {
                statement.execute();
            }
            return "heard " + heard.get(20, TimeUnit.SECONDS) + ", wakeable " + hub.isWakeable() + ", module "
                    + NotificationHub.class.getModule().getName();
        }
    }
}
