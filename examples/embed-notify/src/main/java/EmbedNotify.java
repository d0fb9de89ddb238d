import dev.pbp.notify.NotificationHub;

public class EmbedNotify {
    public static void main(String[] args) throws Exception {
        try (NotificationHub hub = NotificationHub.builder(args[0]).start()) {
            hub.listen("hello", notification -> System.out.println(notification.payload())).get();
            System.out.println("listening"); // whatever is sent from now on arrives
            Thread.currentThread().join();
        }
    }
}
