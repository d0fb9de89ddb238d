package dev.pbp.web;

import io.undertow.server.HttpServerExchange;

/** Watches over an answer that is given at once: something of it has to be taken from one beat to the next. */
final class AnswerWatch extends ExchangeWatch {
    private static final long NOT_BEGUN = -1;

    private long taken = NOT_BEGUN; // of the I/O thread

    private AnswerWatch(HttpServerExchange exchange, Deadlines deadlines) {
        super(exchange, deadlines);
    }

    /** Watches until the answer is sent. */
    static void over(HttpServerExchange exchange, Deadlines deadlines) {
        new AnswerWatch(exchange, deadlines).begin(deadlines.beat());
    }

    @Override
    void due() {
        deadlines.set(this, deadlines.beat()); // unless the look finds that it is over
        super.due();
    }

    @Override
    void look() {
        if (exchange.isComplete()) {
            deadlines.remove(this);
            return;
        }
        long sent = exchange.isResponseStarted() ? exchange.getResponseBytesSent() : NOT_BEGUN;
        if (sent != NOT_BEGUN && sent == taken) {
            cutOff("it takes nothing of its answer");
            return;
        }
        taken = sent;
    }
}
