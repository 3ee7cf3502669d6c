package org.routingbridge.operations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.cluster.Member;
import org.routingbridge.cluster.Members;
import org.routingbridge.event.Timestamps;
import org.routingbridge.operations.Accounting.Bridge;
import org.routingbridge.operations.Accounting.Requests;
import org.routingbridge.operations.Accounting.Sum;
import org.routingbridge.outbox.Outbox;

/** The numbers of all bridges on the shared store: each tells its own with every sign of life. */
final class BridgesAccounting {

    /** Bridges of another version may tell more. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    private final Members members;

    /** @param ours this bridge's numbers */
    BridgesAccounting(Members members, Supplier<Requests> ours) {
        this.members = members;
        members.accounting(() -> write(ours.get()));
    }

    private static String write(Requests requests) {
        try {
            return JSON.writeValueAsString(requests);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * All that were heard of within a day.
     *
     * @param ours as they are now; those of the others are a second old
     */
    List<Bridge> list(Requests ours) {
        List<Bridge> bridges = new ArrayList<>();
        for (Member member : members.all()) {
            Requests requests = member.instance().equals(members.instance()) ? ours : read(member.accounting());
            bridges.add(new Bridge(member.name(), Timestamps.format(member.seenAt()),
                    member.isLive() && member.publishes(), requests, requests.isBalanced()));
        }
        return bridges;
    }

    static Requests read(String numbers) {
        try {
            return numbers == null ? Requests.NONE : JSON.readValue(numbers, Requests.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Sum sum(List<Bridge> bridges, Outbox.Balance outbox) {
        Requests sum = bridges.stream().map(Bridge::requests).reduce(Requests.NONE, Requests::plus);
        return new Sum(sum, outbox, sum.isBalanced() && outbox.isBalanced());
    }
}
