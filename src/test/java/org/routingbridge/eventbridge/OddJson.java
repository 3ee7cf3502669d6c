package org.routingbridge.eventbridge;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Routing events as no tidy program would write them: escapes, characters beyond the basic plane, odd spellings of
 * numbers, blanks anywhere, nested at will. Each knows its own structure, so that a test need not parse what it checks.
 */
final class OddJson {

    private static final String[] BLANKS = {"", "", "", "", " ", "  ", "\n", "\r\n\t"};
    private static final String[] NUMBERS = {"0", "-0", "1", "1.0", "1.50", "1E5", "1e+05", "-2.5E-3", "0.10",
        "123456789012345678901234567890", "1e400", "0.1000000000000000055511151231257827", "9007199254740993"};
    private static final String[] TEXTS =
            {"", "a", "Zoë", "日本", "😀", "\\ud83d\\ude00", "\\u00e9", "\\/", "\\\\", "\\\"",
        "\\n", "\\u0000", "{", "]", ",", " ", "}", "\\uD800", "\\udc00x", "\u007f", "\u2028", "𝄞𝄞", "ÿĀ߿ࠀ"};

    private final SplittableRandom random;

    OddJson(long seed) {
        random = new SplittableRandom(seed);
    }

    /** A JSON value. */
    sealed interface Node {

        /** With its blanks. */
        String received();
    }

    /** A string, number, boolean or null. */
    record Scalar(String received) implements Node {
    }

    /** An array; {@code compact} is it without the blanks. */
    record Arr(String received, String compact) implements Node {
    }

    /** An object. */
    record Obj(String received, List<Member> members) implements Node {
    }

    /** A member: its name decoded and as received, and its value. */
    record Member(String name, String receivedName, Node value) {
    }

    /**
     * An event of about so many bytes.
     *
     * @param id its id
     * @param root all of it
     * @param received the text that is posted
     */
    record Event(String id, Obj root, String received) {
    }

    Event event(int about) {
        String id = hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12);
        List<Member> members = new ArrayList<>();
        members.add(plain("id", "\"" + id + "\""));
        members.add(plain("eventType", "\"routing:" + text(random.nextInt(3)).replace("\\uD800", "")
                .replace("\\udc00", "")
                + "x\""));
        members.add(plain("timestamp", "\"2026-05-04T12:00:00.000Z\""));
        if (random.nextBoolean()) {
            members.add(plain("schemaVersion", "\"v1.0\""));
        }
        members.add(new Member("routingContext", oddly("routingContext"), context(about)));
        members.add(new Member("retryDirective", "\"retryDirective\"", new Obj("{ }", List.of())));
        if (random.nextInt(3) == 0) {
            members.add(new Member("extra", "\"extra\"", value(3, about / 10)));
        }
        shuffle(members);
        Obj root = object(members);
        return new Event(id, root, blank() + root.received() + blank());
    }

    private Obj context(int about) {
        List<Member> members = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int left = about;
        while (left > 0 && members.size() < 40) {
            int size = 1 + random.nextInt(Math.max(1, left));
            left -= size;
            addMember(members, names, switch (random.nextInt(8)) {
                case 0 -> size < 100 || random.nextInt(8) == 0 ? scalar(Math.min(size, 2000)) : array(2, size);
                case 1 -> context(size);
                case 2 -> value(4, Math.min(size, 1000));
                default -> array(3, size);
            });
        }
        return object(members);
    }

    private Node value(int depth, int size) {
        int kind = random.nextInt(depth <= 0 ? 1 : 3);
        return kind == 0 ? scalar(Math.min(size, 40)) : kind == 1 ? array(depth - 1, size)
                : smallObject(depth - 1, size);
    }

    private Obj smallObject(int depth, int size) {
        List<Member> members = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            addMember(members, names, value(depth, size / (count + 1)));
        }
        return object(members);
    }

    private void addMember(List<Member> members, Set<String> names, Node value) {
        String[] name = name();
        if (names.add(name[0])) {
            members.add(new Member(name[0], name[1], value));
        }
    }

    private Arr array(int depth, int size) {
        StringBuilder received = new StringBuilder("[").append(blank());
        StringBuilder compact = new StringBuilder("[");
        boolean first = true;
        while (received.length() < size) {
            Node element = value(depth, Math.min(200, size / 4));
            received.append(first ? "" : "," + blank()).append(element.received()).append(blank());
            compact.append(first ? "" : ",").append(compact(element));
            first = false;
        }
        return new Arr(received.append("]").toString(), compact.append("]").toString());
    }

    private Obj object(List<Member> members) {
        StringBuilder received = new StringBuilder("{").append(blank());
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            received.append(i == 0 ? "" : "," + blank()).append(member.receivedName()).append(blank()).append(':')
                    .append(blank()).append(member.value().received()).append(blank());
        }
        return new Obj(received.append("}").toString(), List.copyOf(members));
    }

    /** Without blanks, otherwise as received. */
    static String compact(Node node) {
        if (node instanceof Scalar scalar) {
            return scalar.received();
        }
        if (node instanceof Arr array) {
            return array.compact();
        }
        StringBuilder compact = new StringBuilder("{");
        for (Member member : ((Obj) node).members()) {
            compact.append(compact.length() == 1 ? "" : ",").append(member.receivedName()).append(':')
                    .append(compact(member.value()));
        }
        return compact.append("}").toString();
    }

    private Scalar scalar(int size) {
        return new Scalar(switch (random.nextInt(4)) {
            case 0 -> NUMBERS[random.nextInt(NUMBERS.length)];
            case 1 -> List.of("true", "false", "null").get(random.nextInt(3));
            default -> "\"" + text(1 + size / 4) + "\"";
        });
    }

    private String text(int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            text.append(TEXTS[random.nextInt(TEXTS.length)]);
        }
        return text.toString();
    }

    /** A name decoded, and as it is received. */
    private String[] name() {
        String base = "n" + random.nextInt(1000);
        return switch (random.nextInt(8)) {
            case 0 -> new String[] {base + "/~", "\"" + base + "/~\""};
            case 1 -> new String[] {base + "\"\\", "\"" + base + "\\\"\\\\\""};
            case 2 -> new String[] {base + "é", "\"" + base + "\\u00e9\""};
            case 3 -> new String[] {base + "😀", "\"" + base + "😀\""};
            case 4 -> new String[] {base + "~1", "\"" + base + "~1\""};
            case 5 -> new String[] {base + "\uD800", "\"" + base + "\\ud800\""};
            default -> new String[] {base, "\"" + base + "\""};
        };
    }

    private String oddly(String name) {
        return random.nextInt(4) == 0 ? "\"\\u00" + Integer.toHexString(name.charAt(0)) + name.substring(1) + "\""
                : "\"" + name + "\"";
    }

    private Member plain(String name, String value) {
        return new Member(name, oddly(name), new Scalar(value));
    }

    private String blank() {
        return BLANKS[random.nextInt(BLANKS.length)];
    }

    private String hex(int digits) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < digits; i++) {
            hex.append("0123456789abcdefABCDEF".charAt(random.nextInt(22)));
        }
        return hex.toString();
    }

    private void shuffle(List<Member> members) {
        for (int i = members.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            Member member = members.get(i);
            members.set(i, members.get(j));
            members.set(j, member);
        }
    }
}
