package dev.pbp.web.internal.http;

import dev.pbp.web.Condition;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.xnio.XnioWorker;

/** That the threads run which accept connections and serve them: XNIO starts no other in place of one that has ended. */
public final class ServerThreads implements Condition {
    private volatile List<Thread> threads = List.of();

    /** Watches none yet. */
    public ServerThreads() {}

    /**
     * Watches the I/O threads of a worker, by their names.
     *
     * @param worker of a server that has started
     * @throws IllegalStateException if there are none
     */
    public void watch(XnioWorker worker) {
        watch(worker.getName());
    }

    void watch(String worker) {
        String io = worker + " I/O-";
        String accept = worker + " Accept";
        threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread.getName().startsWith(io) || thread.getName().equals(accept))
                .toList();
        if (threads.isEmpty()) {
            throw new IllegalStateException("server: no threads called \"" + io + "…\"");
        }
    }

    @Override
    public Optional<String> problem() {
        String ended = threads.stream()
                .filter(thread -> !thread.isAlive())
                .map(Thread::getName)
                .sorted()
                .collect(Collectors.joining("\", \""));
        return ended.isEmpty() ? Optional.empty() : Optional.of("the thread \"" + ended + "\" has ended");
    }
}
