package org.routingbridge.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * Where the values of a JSON text stand in it, so that they can be copied as they were received: a parser that writes
 * its tree anew would respell numbers and strings. The text is known to be well-formed.
 */
public final class JsonSlices {

    private static final JsonMapper NAMES = new JsonMapper();

    private final String text;

    public JsonSlices(String text) {
        this.text = text;
    }

    /**
     * A member of an object.
     *
     * @param name      decoded
     * @param nameStart where its name begins, with the quote
     * @param nameEnd   just behind the name's closing quote
     * @param start     where its value begins
     * @param end       just behind its value
     */
    public record Member(String name, int nameStart, int nameEnd, int start, int end) {
    }

    /**
     * A member and what is in it, as far as that is objects in objects.
     *
     * @param name      decoded
     * @param nameStart where its name begins, with the quote
     * @param nameEnd   just behind the name's closing quote
     * @param start     where its value begins
     * @param parent    the member whose object it is in; null at the top
     * @param children  of an object, in their order; null for any other value
     * @param end       just behind its value, in an array of one, since it is known last
     */
    public record Branch(String name, int nameStart, int nameEnd, int start, Branch parent, List<Branch> children,
                         int[] end) {

        public int valueEnd() {
            return end[0];
        }
    }

    /** The members of the object that is the whole text, read once from its beginning to its end, however deep. */
    public List<Branch> tree() {
        List<Branch> top = new ArrayList<>();
        readInto(top, null, skipBlank(0));
        return top;
    }

    /** @return the place just behind the object that begins at this one */
    private int readInto(List<Branch> members, Branch parent, int objectStart) {
        int at = skipBlank(objectStart + 1);
        while (text.charAt(at) != '}') {
            int nameEnd = endOfString(text, at);
            int start = skipBlank(skipBlank(nameEnd) + 1);
            boolean isObject = text.charAt(start) == '{';
            Branch member = new Branch(name(at, nameEnd), at, nameEnd, start, parent,
                    isObject ? new ArrayList<>() : null, new int[1]);
            int end = isObject ? readInto(member.children(), member, start) : endOfValue(start);
            member.end()[0] = end;
            members.add(member);
            at = skipBlank(end);
            if (text.charAt(at) == ',') {
                at = skipBlank(at + 1);
            }
        }
        return at + 1;
    }

    /** The members of the object that begins at this place, in their order. */
    public List<Member> members(int objectStart) {
        List<Member> members = new ArrayList<>();
        int at = skipBlank(objectStart + 1);
        while (text.charAt(at) != '}') {
            int nameStart = at;
            int nameEnd = endOfString(text, nameStart);
            int start = skipBlank(skipBlank(nameEnd) + 1);
            int end = endOfValue(start);
            members.add(new Member(name(nameStart, nameEnd), nameStart, nameEnd, start, end));
            at = skipBlank(end);
            if (text.charAt(at) == ',') {
                at = skipBlank(at + 1);
            }
        }
        return members;
    }

    /** The members of the object that is the whole text. */
    public List<Member> members() {
        return members(skipBlank(0));
    }

    public Optional<Member> member(String name) {
        return members().stream().filter(member -> member.name().equals(name)).findFirst();
    }

    public boolean isObject(Member member) {
        return text.charAt(member.start()) == '{';
    }

    public boolean isArray(Member member) {
        return text.charAt(member.start()) == '[';
    }

    public boolean isArray(Branch member) {
        return text.charAt(member.start()) == '[';
    }

    /** A member's value, to the letter. */
    public String value(Member member) {
        return text.substring(member.start(), member.end());
    }

    /** Appends a part of the text without the blanks between its tokens. */
    public void appendCompactly(int start, int end, StringBuilder to) {
        int at = start;
        while (at < end) {
            char c = text.charAt(at);
            if (c == '"') {
                int stringEnd = endOfString(text, at);
                to.append(text, at, stringEnd);
                at = stringEnd;
            } else {
                if (!isBlank(c)) {
                    to.append(c);
                }
                at++;
            }
        }
    }

    private String name(int start, int end) {
        String name = text.substring(start + 1, end - 1);
        if (name.indexOf('\\') < 0) {
            return name;
        }
        try {
            return NAMES.readValue(text.substring(start, end), String.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The text was well-formed before", e);
        }
    }

    private int endOfValue(int start) {
        char first = text.charAt(start);
        if (first == '"') {
            return endOfString(text, start);
        }
        int at = start;
        if (first != '{' && first != '[') {
            while (at < text.length() && ",]}".indexOf(text.charAt(at)) < 0 && !isBlank(text.charAt(at))) {
                at++;
            }
            return at;
        }
        int depth = 0;
        do {
            char c = text.charAt(at);
            if (c == '"') {
                at = endOfString(text, at);
                continue;
            }
            if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            }
            at++;
        } while (depth > 0);
        return at;
    }

    /**
     * Just behind the closing quote of the string that begins at this place. It looks for quotes alone, which the JVM
     * does many characters at a time.
     */
    static int endOfString(String text, int start) {
        int quote = text.indexOf('"', start + 1);
        while (isEscaped(text, quote)) {
            quote = text.indexOf('"', quote + 1);
        }
        return quote + 1;
    }

    /** Whether an odd number of backslashes stands before this place. */
    private static boolean isEscaped(String text, int at) {
        int first = at;
        while (text.charAt(first - 1) == '\\') {
            first--;
        }
        return (at - first) % 2 == 1;
    }

    private int skipBlank(int from) {
        int at = from;
        while (isBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }
}
