package org.routingbridge.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * Ordering keys of one size, whatever a sender puts where the key stands: many of them are kept for long, and some
 * could be as large as a request.
 */
public final class OrderingKeys {

    /** 128 bits: no two keys meet by accident, nor are two that do easily found. */
    private static final int BYTES = 16;
    private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();
    private static final MessageDigest SHA_256 = sha256();

    private OrderingKeys() {
    }

    /** The first half of the SHA-256 of the value's UTF-8, in base64url: 22 characters. */
    public static String of(String value) {
        byte[] digest = newDigest().digest(value.getBytes(StandardCharsets.UTF_8));
        return TEXT.encodeToString(Arrays.copyOf(digest, BYTES));
    }

    /** A copy of one that nobody uses costs less than to look for a new one. */
    private static MessageDigest newDigest() {
        try {
            return (MessageDigest) SHA_256.clone();
        } catch (CloneNotSupportedException e) {
            return sha256();
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
