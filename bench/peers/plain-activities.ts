import { createTransport } from 'nodemailer';

const mailer = createTransport({ url: process.env['BENCH_SMTP_URL'], pool: true, maxConnections: 5 });

/** One email, as the documentation of nodemailer has it. */
export async function sendEmail(to: string): Promise<void> {
  await mailer.sendMail({
    from: 'kits@example.com',
    to,
    subject: 'Your kit is registered',
    text: 'Your kit is registered. Follow the steps in the box and post your sample as soon as you can.',
  });
}
