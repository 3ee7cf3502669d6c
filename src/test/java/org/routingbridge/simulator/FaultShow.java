package org.routingbridge.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Lets the sandbox's EventBridge do wrong what is planned while events come, says so, and shows how the bridge gets
 * over it: the outbox is emptied, and a dead letter is put back by an operator.
 */
final class FaultShow {

    /** What goes well before anything goes wrong. */
    private static final int EVENTS_BEFORE = 3;
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(5);
    private static final Duration UNTIL_BURIED = Duration.ofSeconds(10);
    private static final Duration UNTIL_PUBLISHED = Duration.ofSeconds(60);

    private final FaultPlan plan;
    private final EventBridgeSimulator eventBridge;
    private final Operator operator;
    private final BooleanSupplier noMoreEvents;
    private final Narrator narrator;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "sandbox-faults");

    /** @param noMoreEvents whether the last event has its fate */
    FaultShow(FaultPlan plan, EventBridgeSimulator eventBridge, Operator operator, BooleanSupplier noMoreEvents,
              Narrator narrator) {
        this.plan = plan;
        this.eventBridge = eventBridge;
        this.operator = operator;
        this.noMoreEvents = noMoreEvents;
        this.narrator = narrator;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /** All is well again from now on, however far it came. */
    void stop() throws InterruptedException {
        stopping.countDown();
        ended.await();
    }

    private void run() {
        try {
            if (!plan.equals(FaultPlan.NONE)) {
                await(UNTIL_PUBLISHED, () -> eventBridge.deliveredCount() >= EVENTS_BEFORE
                        || noMoreEvents.getAsBoolean());
                refuse();
                disturb(plan.throttled(), Fault.THROTTLE_REQUEST, "EventBridge throttles every call for %s: an event"
                        + " is tried again as it directs, and goes to the outbox where that takes too long");
                disturb(plan.away(), Fault.UNAVAILABLE, "EventBridge is away for %s: what comes now is answered 202"
                        + " queued, and waits in the outbox on disk");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            eventBridge.faults().none();
            ended.countDown();
        }
    }

    private void refuse() throws InterruptedException {
        if (plan.refused() == 0 || isStopping()) {
            return;
        }
        narrator.say("EventBridge refuses the next " + events(plan.refused()) + " for good: answered 202 dead_lettered,"
                + " and kept for an operator");
        eventBridge.faults().next(plan.refused(), Fault.REFUSE_ENTRY);
        await(null, () -> eventBridge.faults().left() == 0 || noMoreEvents.getAsBoolean());
        int refused = plan.refused() - eventBridge.faults().left();
        eventBridge.faults().none();
        await(UNTIL_BURIED, () -> operator.deadLetters().size() >= refused);
        List<String> letters = operator.deadLetters();
        if (isStopping() || letters.isEmpty()) {
            return;
        }
        narrator.say(events(letters.size()) + " among the dead letters, each with its reason: "
                + operator.deadLettersCommand());
        List<String> replayed = new ArrayList<>();
        for (String id : letters) {
            narrator.say("An operator puts it back: " + operator.replayCommand(id));
            if (operator.replay(id)) {
                replayed.add(id);
            }
        }
        if (await(UNTIL_PUBLISHED, () -> replayed.stream().allMatch(id -> eventBridge.timesDelivered(id) > 0))) {
            narrator.say(events(replayed.size()) + " replayed, and on the bus");
        }
    }

    private void disturb(Duration howLong, Fault fault, String sentence) throws InterruptedException {
        if (howLong.isZero() || isStopping()) {
            return;
        }
        narrator.say(String.format(Locale.ROOT, sentence, Narrator.seconds(howLong)));
        eventBridge.faults().always(fault);
        long end = System.nanoTime() + howLong.toNanos();
        for (long left = howLong.toNanos(); left > 0 && !isStopping(); left = end - System.nanoTime()) {
            stopping.await(Math.min(left, BETWEEN_PROGRESS.toNanos()), TimeUnit.NANOSECONDS);
            if (end - System.nanoTime() > LOOK.toNanos()) {
                narrator.say(waiting() + " in the outbox, "
                        + Narrator.seconds(Duration.ofNanos(end - System.nanoTime())) + " to go");
            }
        }
        eventBridge.faults().none();
        long back = System.nanoTime();
        narrator.say("EventBridge takes events again; " + waiting() + " in the outbox, and leave it in their order");
        if (await(UNTIL_PUBLISHED, () -> operator.waiting().orElse(0) == 0)) {
            narrator.say("The outbox is empty, " + Narrator.seconds(Duration.ofNanos(System.nanoTime() - back))
                    + " later");
        }
    }

    private String waiting() throws InterruptedException {
        OptionalLong waiting = operator.waiting();
        return waiting.isPresent() ? waiting.getAsLong() + (waiting.getAsLong() == 1 ? " waits" : " wait")
                : "some may wait";
    }

    private static String events(int count) {
        return count + (count == 1 ? " event" : " events");
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /** @param patience null for as long as it takes */
    private boolean await(Duration patience, Callable<Boolean> condition) throws InterruptedException {
        long begin = System.nanoTime();
        try {
            while (!condition.call()) {
                if (stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)
                        || patience != null && System.nanoTime() - begin > patience.toNanos()) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
