package org.routingbridge.history;

/**
 * Gives the same string for equal names, such as those of queues and event types, so that not each event's own copy is
 * kept. It remembers some hundreds of them; what it is given is kept where those are of many more.
 */
final class SameNames {

    private static final int MOST = 1024;

    private final String[] names = new String[MOST];

    /** @param name null for none */
    String same(String name) {
        if (name == null) {
            return null;
        }
        int hash = name.hashCode();
        int place = (hash ^ hash >>> 16) & MOST - 1;
        if (!name.equals(names[place])) {
            names[place] = name;
        }
        return names[place];
    }
}
