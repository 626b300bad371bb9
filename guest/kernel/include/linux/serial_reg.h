// SPDX-License-Identifier: MIT
// Registers of the 16550 UART, as offsets from its port. Truth: PC16550D data sheet.
#pragma once

#define UART_RX 0 // read: received byte
#define UART_TX 0 // write: byte to send
#define UART_DLL 0 // with LCR.DLAB: divisor, low
#define UART_DLM 1 // with LCR.DLAB: divisor, high
#define UART_IER 1
#define UART_IIR 2
#define UART_FCR 2
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_MSR 6
#define UART_SCR 7

#define UART_IER_RDI 0x01 // a byte has come
#define UART_IER_THRI 0x02 // the transmitter is empty
#define UART_IER_RLSI 0x04 // break or line error

#define UART_IIR_NO_INT 0x01

#define UART_FCR_ENABLE_FIFO 0x01
#define UART_FCR_CLEAR_RCVR 0x02
#define UART_FCR_CLEAR_XMIT 0x04
#define UART_FCR_TRIGGER_8 0x80

#define UART_LCR_WLEN8 0x03
#define UART_LCR_SBC 0x40
#define UART_LCR_DLAB 0x80

#define UART_LSR_DR 0x01
#define UART_LSR_OE 0x02
#define UART_LSR_PE 0x04
#define UART_LSR_FE 0x08
#define UART_LSR_BI 0x10
#define UART_LSR_THRE 0x20
#define UART_LSR_TEMT 0x40

#define UART_MCR_DTR 0x01
#define UART_MCR_RTS 0x02
#define UART_MCR_OUT2 0x08 // lets the interrupt out on a PC

#define UART_FIFO_SIZE 16
#define UART_CLOCK 115200 // divisor 1
