package org.routingbridge.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The arguments behind a verb: options, those with a value as {@code --name value} or {@code --name=value}, and the
 * rest. Behind {@code --} all is rest, and {@code -} alone is.
 */
final class Arguments {

    /** Where the launcher was called, which itself goes to the project's root. */
    private static final String CALLED_FROM = "called.from";

    private final Map<String, String> options = new LinkedHashMap<>();
    private final List<String> rest = new ArrayList<>();

    /**
     * @param switches the options without a value
     * @param valued   the options with one
     * @throws WrongUse where there is another option, one twice, or one without its value
     */
    Arguments(List<String> given, Set<String> switches, Set<String> valued) {
        Iterator<String> words = given.iterator();
        while (words.hasNext()) {
            String word = words.next();
            if (word.equals("--")) {
                words.forEachRemaining(rest::add);
            } else if (word.equals("-") || !word.startsWith("-")) {
                rest.add(word);
            } else {
                take(word, words, switches, valued);
            }
        }
    }

    private void take(String word, Iterator<String> words, Set<String> switches, Set<String> valued) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        String value;
        if (switches.contains(word)) {
            value = "";
        } else if (!valued.contains(name)) {
            throw new WrongUse(word + " is no option of it; see --help");
        } else if (equals >= 0) {
            value = word.substring(equals + 1);
        } else if (words.hasNext()) {
            value = words.next();
        } else {
            throw new WrongUse(name + " needs a value; see --help");
        }
        if (options.put(name, value) != null) {
            throw new WrongUse(name + " is given twice; see --help");
        }
    }

    boolean has(String option) {
        return options.containsKey(option);
    }

    /** An option's value; null where it is not given. */
    String value(String option) {
        return options.get(option);
    }

    /**
     * An option's value as a number.
     *
     * @throws WrongUse where it is none from {@code least} to {@code most}
     */
    int number(String option, int least, int most, int otherwise) {
        String text = value(option);
        if (text == null) {
            return otherwise;
        }
        if (text.matches("[0-9]{1,9}") && Integer.parseInt(text) >= least && Integer.parseInt(text) <= most) {
            return Integer.parseInt(text);
        }
        throw new WrongUse(option + " is a whole number from " + least + " to " + most + "; see --help");
    }

    /**
     * What is no option.
     *
     * @throws WrongUse where there is less or more of it than is asked for
     */
    List<String> rest(int least, int most, String what) {
        if (rest.size() < least || rest.size() > most) {
            throw new WrongUse("takes " + what + "; see --help");
        }
        return rest;
    }

    /**
     * A path as who called the launcher meant it.
     *
     * @throws WrongUse where it is none
     */
    static Path path(String given) {
        try {
            return Path.of(System.getProperty(CALLED_FROM, "")).resolve(given);
        } catch (InvalidPathException e) {
            throw new WrongUse(given + " is no path");
        }
    }
}
