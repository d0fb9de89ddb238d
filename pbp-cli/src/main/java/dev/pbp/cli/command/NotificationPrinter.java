package dev.pbp.cli.command;

import dev.pbp.cli.command.NotificationBuffer.Arrival;
import dev.pbp.cli.command.NotificationBuffer.Arrived;
import dev.pbp.cli.command.NotificationBuffer.Missing;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.JsonText;
import dev.pbp.cli.terminal.TerminalText;
import dev.pbp.notify.Gap;
import dev.pbp.notify.Notification;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Prints what arrives, until enough has or the time is up. */
final class NotificationPrinter {
    private final Console console;
    private final boolean json;

    NotificationPrinter(Console console, boolean json) {
        this.console = console;
        this.json = json;
    }

    int print(NotificationBuffer arrivals, ListenCommand.StopCondition stop) throws InterruptedException {
        Duration timeout = stop.timeout();
        // About 290 years, which is as long as a clock of nanoseconds can count.
        long end = System.nanoTime() + (timeout == null ? Long.MAX_VALUE / 2 : timeout.toNanos());
        long printed = 0;
        while (printed < stop.count()) {
            List<Arrival> some = arrivals.take(end - System.nanoTime());
            if (some.isEmpty()) {
                boolean tooFew = !arrivals.isEnded() && stop.count() != Long.MAX_VALUE;
                return tooFew ? ExitStatus.TIMED_OUT : ExitStatus.DONE;
            }
            for (Arrival arrival : some) {
                if (arrival instanceof Arrived arrived && printed < stop.count()) {
                    printed++;
                    console.write(json ? json(arrived.notification()) : text(arrived.notification()));
                } else if (arrival instanceof Missing missing) {
                    tell(missing);
                }
            }
            console.flush();
        }
        return ExitStatus.DONE;
    }

    private void tell(Missing missing) {
        Gap gap = missing.gap();
        String reason = gap.reason().name().toLowerCase(Locale.ROOT);
        if (json) {
            String atLeast =
                    gap.atLeast().isPresent() ? ",\"atLeast\":" + gap.atLeast().getAsLong() : "";
            console.write("{\"gap\":{\"channel\":" + JsonText.string(missing.channel()) + ",\"reason\":\"" + reason
                    + "\",\"since\":\"" + gap.since() + "\"" + atLeast + "}}");
        } else {
            console.flush();
            String count =
                    gap.atLeast().isPresent() ? "at least " + gap.atLeast().getAsLong() : "some";
            console.say("gap: " + count + " notifications may be missing on " + missing.channel() + " since "
                    + gap.since() + " (" + reason.replace('_', ' ') + ")");
        }
    }

    private static String json(Notification notification) {
        return "{\"channel\":" + JsonText.string(notification.channel()) + ",\"payload\":"
                + JsonText.string(notification.payload()) + ",\"pid\":" + notification.pid() + ",\"at\":\""
                + notification.at() + "\"}";
    }

    private static String text(Notification notification) {
        return TerminalText.visible(notification.channel()) + "\t" + TerminalText.visible(notification.payload());
    }
}
