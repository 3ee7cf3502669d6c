package org.routingbridge.cli;

/** A verb was given what it does not take; the message says so to a person, in one line. */
final class WrongUse extends RuntimeException {

    WrongUse(String message) {
        super(message);
    }
}
