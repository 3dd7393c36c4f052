package faulttest;

import javacard.framework.Shareable;

/** What Faulty shares. */
public interface Service extends Shareable {
    void serve();
}
