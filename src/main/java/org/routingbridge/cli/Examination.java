package org.routingbridge.cli;

import java.util.List;

/** What the doctor looks at, beside the others and within a time of its own. */
interface Examination {

    /** In a word. */
    String subject();

    /** What is to be done where it takes too long, or fails in a way that it cannot tell more of. */
    String mend();

    /**
     * Looks, and changes nothing.
     *
     * @return what was seen, in the order in which it is told
     */
    List<Observation> look() throws Exception;
}
