package dev.jdist.scheduler.farm;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Notes tasks, and runs them on the caller's thread as the test lets time pass. */
final class FakeTimer extends ScheduledThreadPoolExecutor {
    private final Queue<Task> tasks = new PriorityQueue<>(Comparator.naturalOrder());
    private long now;
    private long count;

    FakeTimer() {
        super(0);
    }

    private final class Task extends CompletableFuture<Object> implements ScheduledFuture<Object> {
        private final Runnable action;
        private final long due;
        private final long number;

        Task(Runnable action, long due, long number) {
            this.action = action;
            this.due = due;
            this.number = number;
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            tasks.remove(this);
            return super.cancel(mayInterrupt);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(due - now, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            Task task = (Task) other;
            return due == task.due ? Long.compare(number, task.number) : Long.compare(due, task.due);
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable action, long delay, TimeUnit unit) {
        Task task = new Task(action, now + unit.toNanos(delay), count++);
        tasks.add(task);
        return task;
    }

    /** Whether nothing is left to be run. */
    boolean isIdle() {
        return tasks.isEmpty();
    }

    /** Lets time pass, and runs what becomes due on the way. */
    void advance(Duration time) {
        long end = now + time.toNanos();
        while (!tasks.isEmpty() && tasks.element().due <= end) {
            Task task = tasks.remove();
            now = task.due;
            task.action.run();
        }
        now = end;
    }
}
