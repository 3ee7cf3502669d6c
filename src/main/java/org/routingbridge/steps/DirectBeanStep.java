package org.routingbridge.steps;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.bean.BeanProcessor;
import org.apache.camel.support.DefaultMessage;

/**
 * A {@code bean} step whose method is called as it is: with the body, or the exchange, as its one argument. What it
 * returns, unless it is void, is the new body. A body of another type, which Camel may know to convert, and messages of
 * a component's own kind are left to the stock step.
 */
final class DirectBeanStep extends BeanProcessor {

    private final MethodHandle call;
    private final Class<?> argument;
    private final boolean answers;

    DirectBeanStep(BeanProcessor stock, Method method) throws IllegalAccessException {
        super(stock.getBeanHolder());
        setMethod(stock.getMethod());
        setScope(stock.getScope());
        setShorthandMethod(stock.isShorthandMethod());
        argument = method.getParameterTypes()[0];
        answers = method.getReturnType() != void.class;
        call = MethodHandles.publicLookup().unreflect(method).bindTo(stock.getBean())
                .asType(MethodType.methodType(Object.class, Object.class));
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Message message = exchange.getMessage();
        Object given = argument == Exchange.class ? exchange : message.getBody();
        if (!argument.isInstance(given) || message.getClass() != DefaultMessage.class) {
            return super.process(exchange, callback);
        }
        try {
            Object answer = call.invokeExact(given);
            if (answers) {
                message.setBody(answer);
            }
        } catch (Throwable e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }
}
