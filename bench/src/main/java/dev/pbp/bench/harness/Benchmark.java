package dev.pbp.bench.harness;

import java.util.List;

/** A benchmark. */
public interface Benchmark {
    /**
     * Runs all of it.
     *
     * @param figures prints what was measured
     * @throws Exception if it cannot be carried out
     */
    void run(Figures figures) throws Exception;

    /** A benchmark of which parts can be run alone. */
    interface Parted extends Benchmark {
        /**
         * Returns the names of the parts.
         *
         * @return in the order in which all of it runs them
         */
        List<String> parts();

        /**
         * Runs some parts.
         *
         * @param figures prints what was measured
         * @param parts names out of {@link #parts()}
         * @throws Exception if one cannot be carried out
         */
        void run(Figures figures, List<String> parts) throws Exception;

        @Override
        default void run(Figures figures) throws Exception {
            run(figures, parts());
        }
    }
}
