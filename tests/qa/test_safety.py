"""The safety table tests itself: every row brings texts on which it fires and texts on which nothing does."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import QaError, TableError
from qa.safety import SafetyTable
from qa.safety_table import Alert, Kind

TABLE = SafetyTable.load()
EXAMPLES = [pytest.param(row.alert.id, text, id=f"{row.alert.id}: {text}") for row in TABLE.rows for text in row.examples]
PATIENT_QUESTIONS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures" / "patient_questions.jsonl").read_text(encoding="utf-8").splitlines()
    if line.strip()
]
NEAR_MISSES = [pytest.param(text, id=f"{row.alert.id}: {text}") for row in TABLE.rows for text in row.near_misses]

ORDINARY = """
What are the symptoms of a heart attack?
Can stress cause a stroke?
Does aspirin prevent heart attacks?
What is anaphylaxis?
What helps a headache?
Is chest pain a side effect of sumatriptan?
What are the symptoms of gout?
Can I take ibuprofen with warfarin?
Is metformin safe in pregnancy?
What causes high blood pressure?
Which medicines treat migraine?
How long does the flu last?
I have a sore throat and a cough, what could it be?
My knee hurts when I run
What are the side effects of sertraline?
How much does an inhaler cost?
How many people have diabetes?
What is the difference between a cold and the flu?
Can children have asthma?
I have had a rash on my arm for two weeks
My baby has a nappy rash
I have a headache and a runny nose
What does a stroke do to the brain?
How is meningitis treated?
Which disease causes a stiff neck and fever?
Is depression hereditary?
What medicines treat depression?
My father had a heart attack, am I at risk?
I feel tired all the time
What is a pulmonary embolism?
Do statins interact with grapefruit?
I was told that I have atrial fibrillation, what is it?
What are the complications of diabetes?
My back hurts after gardening
How do I get rid of hiccups?
Can I drink alcohol with amoxicillin?
What is the treatment for epilepsy?
I have type 2 diabetes and my feet tingle
Can anxiety cause chest pain and shortness of breath?
Which antibiotics treat a urine infection?
I am pregnant and have heartburn
What vaccines does my newborn need?
How often should blood pressure be measured?
My heart is racing after coffee
What is sepsis and what causes it?
I have a stiff neck from sleeping badly
Why do people faint?
What does carbon monoxide do to the body?
Is paracetamol bad for the liver?
I'm allergic to penicillin, which antibiotics can I take?
""".strip().splitlines()

# Emergencies in the words of patients and their families: short, without a pronoun, with figures of speech.
EMERGENCIES = """
one side of her mouth is droopy
one side of her mouth has dropped
can't find his words
half my face won't move
speech suddenly doesn't make sense
I have chest pain
my mum has chest pain
chest pain
pressure in my chest and feel sick
heavy feeling in my chest and my arm aches
pain in my left arm and jaw and sweaty
ripping pain in my chest through to my back
lips tingling and swelling after eating a nut
stung by a bee, faint and wheezy
throat feels like it's closing after a wasp sting
10 co-codamol since this morning
I took 8 co-codamol at once
2 year old drank my methadone
I took all my pills
vodka and my diazepam
ate a dishwasher pod
drank antifreeze
swallowed 3 magnets
button battery swallowed by my son
bleach in my eye
how many paracetamol would kill me
I want to go to sleep and not wake up
everyone would be happier if I was gone
planning to hurt myself tonight
I've cut myself and can't stop
thoughts of harming my baby
voices telling me to hurt my baby
My baby is 5 weeks and has a fever
no wet nappy for 12 hours
newborn is yellow and sleepy
haven't felt the baby move today
35 weeks, bad headache and swollen face
30 weeks pregnant, my vision is blurry with a headache
waters have gone green
soaking a pad every hour
positive test, bleeding, pain low on one side
missed period, sharp pain one side, faint
rash doesn't go away when I press a glass
purple spots and very hot
testicle hurts really badly since an hour ago
numb around my back passage and both legs weak
can't pee at all
erection for 5 hours
poo black like tar
throwing up something that looks like coffee grounds
coughing up blood
been sick all day, ketones 4.5
on clozapine with a sore throat
on carbimazole with a fever
chemotherapy and a fever
stopped drinking two days ago, shaking, seeing things
painful red eye, halos, vomiting
headache out of nowhere, worst I ever had
Gran's mouth is sagging on the left and she's dribbling her tea
hubby is talking gibberish all of a sudden
the lady next door has gone limp down her right side
my speech came out all muddled an hour ago and I dropped my cup
mum can't smile properly, one corner of her mouth won't lift
Dad's arm just flopped and he can't hold a fork
he's slurring and stumbling but hasn't had a drink
woke up and can't move my right leg or arm
my wife is staring and can't get any words out
left hand went dead and my lip went numb about half an hour ago
suddenly everything on one side is missing from my sight
sudden spinning, can't stand, being sick and seeing double
my chest feels like there's a brick on it
an awful squeezing feeling behind my breastbone for 20 minutes
pains across my chest and up into my jaw
I'm 58, clammy, sick and have an ache in my left arm
Grandad has gone grey and sweaty and says his chest is tight
chest pains again and my GTN spray isn't working
terrible indigestion, cold sweat and my jaw hurts
my heart is racing at 180 and I feel like I'm going to pass out
heart going crazy and I nearly blacked out
tearing pain in my back between the shoulder blades came on suddenly
stabbing chest pain every time I breathe in, I had surgery two weeks ago
my calf's been sore and swollen and today I'm puffing going to the loo
hurts in my chest when I breathe and I'm coughing up bits of blood
been stung by a wasp and my face is puffing up
came out in hives all over and feel like I'm going to faint after taking penicillin
tongue feels huge and thick after the prawns
my kid ate cashews and her eyes and lips are ballooning
took ibuprofen and now I'm wheezing and itchy all over
voice gone hoarse and throat swelling since the bee sting
she's allergic to peanuts and she's just had one, she's coughing and being sick
can't get my breath at all
asthma attack, blue inhaler doing nothing
grandson's breathing is really laboured, his tummy is sucking in
too out of breath to finish a sentence
mum's lips have gone a bluish colour
my baby is struggling to get air
she's turning blue
toddler has a grape stuck in his throat and can't cough
there's a bone stuck in my throat and I can't swallow my own spit
my uncle's not breathing
friend collapsed and there's no pulse
he's gone stiff and is jerking all over
my daughter has been fitting for ten minutes
dad had two fits in a row and hasn't come round
my lodger won't wake up and is making snoring noises
granny is barely conscious
hubby passed out and isn't answering me
my flatmate is out cold and I can't rouse her
blinding headache that came on in seconds
sudden agonising pain at the back of my head like a bang
worst pain in my head ever, came on during exercise
Headache, can't put my chin on my chest and bright light is unbearable
daughter's temp is 40, she's floppy and won't look at the light
red-purple blotches on her legs that stay when I roll a glass over them
little bruises appearing all over my son and he has a fever
husband fell off a ladder, banged his head and keeps being sick
my dad's on blood thinners and has whacked his head
toddler fell down the stairs and is now really drowsy
clear fluid coming from his ear after a fall
can't feel my bum when I sit on the toilet and my legs are heavy
my back went and now I've no feeling down below
lost all feeling between my legs since last night
I keep wetting myself since my back pain got worse
haven't been able to pass urine for 14 hours, it's agony
can't wee and my belly is bursting
gone completely blind in my right eye this morning
a black curtain has come down over one eye
loads of new floaters and flashes since breakfast
oven cleaner splashed in my eye
got cement in my eye and it burns
really painful red eye with rainbow rings round lights and I've been sick
I can't stop the blood, it's soaking through the towel
blood is squirting from my leg
I've sliced my arm open with a saw and it's bleeding like mad
nosebleed for 45 minutes, won't stop, on apixaban
I sicked up blood
dad's brought up a load of blood
my sick looks like coffee granules
my stools have turned black and sticky like treacle
there's a lot of blood coming out of my back passage
coughed up a cupful of blood
child pulled a pan of boiling water over himself
tea spilled on my baby's chest and the skin is peeling
my jumper caught fire and my arm is burnt
my friend dived into the pool and can't move his legs
I touched a live wire and my heart feels funny
an adder just bit my foot
he's been out in the heat all day and isn't making any sense
my stomach is rock hard and the pain is unbearable
pain started round my belly button and moved to the lower right, now feverish
belly swollen, not passing wind and throwing up green bile
agonising pain in my side and back, I'm 70 and feel faint
my groin lump has gone hard and really painful and I'm vomiting
18 weeks pregnant and passing big clots
i'm expecting and there's blood running down my legs
8 weeks gone with stabbing pain on my left side
period two weeks late, shoulder hurts and I feel like fainting
tested positive last week, now spotting with agony low on the right
33 weeks and my baby hasn't kicked since last night
baby's movements have slowed right down, 29 weeks
my waters broke and they're a greeny brown colour
waters have gone at 30 weeks
something like a cord is hanging out of me, I'm in labour
38 weeks, headache that won't shift and seeing sparkles
31 weeks pregnant with terrible pain under my ribs and swollen hands
had my baby 5 days ago and I'm flooding through pads
gave birth ten days ago, shivering with a high temperature
my boy's ball has swollen up and he's crying in agony
sudden agony down below in my left nut
my erection won't go down, it's been 6 hours
hard-on that has lasted since last night and it hurts
type 1, throwing up all night and ketones are 3.8
breath smells of nail varnish, very thirsty and my sugars are sky high
blood glucose 31 and I can't stop vomiting
my sugar is 1.9 and I can't think straight
diabetic husband is confused, sweaty and shaking
Nan has a water infection and doesn't know where she is
shivering violently, temp 40 and my skin looks marbled
feverish, breathing fast and haven't weed all day
my cut has red streaks running up the arm and I've got the shakes
on chemotherapy and I've got a temp of 38.2
I take clozapine and I've come down with a fever
on carbimazole, throat is killing me and I feel hot
I've had a stem cell transplant and now I have a fever
on methotrexate with a sore throat and mouth ulcers and a fever
our 4 week old is really hot
baby is 10 weeks, temperature 38.9
my 9 day old won't feed and is sleepy
My newborn has gone yellow and is hard to wake
our two week old is jaundiced and not feeding
nappy has been dry since yesterday and she's being sick
baby's eyes look sunken and he's had no wet nappies
baby throwing up bright green
his soft spot is bulging out
my little girl is grunting with every breath
2 year old is limp and won't respond to me
baby is screaming, drawing his knees up and there's red jelly in the nappy
took a whole strip of paracetamol
i've swallowed about 15 sleeping tablets
he has necked a bottle of pills
took 9 ibuprofen in one go
ate all my nan's heart tablets
my 18 month old got hold of grandad's blood pressure pills
my son has eaten a fistful of vitamins with iron
little one bit into a washing pod
daughter swallowed a watch battery
three year old has swallowed two little magnets
I mistook bleach for water and had a gulp
drank screen wash
she's had weed killer
mixed gin and sleeping pills and feel very sleepy
boyfriend has taken heroin and his breathing is slow
took some pills at a rave and I'm boiling hot and shaking
I think someone spiked my drink, I can't stand
carbon monoxide detector beeping and I feel dizzy
I gave my baby double the calpol by mistake
injected too much insulin
accidentally injected 40 units instead of 4
stopped drinking two days ago and I'm sweating, shaking and seeing spiders
dad quit booze on Monday and had a fit
I don't want to wake up tomorrow
I can't see a way out and I've got the tablets ready
they'd be better off if I were dead
I've written a note and said my goodbyes
life's not worth it any more
thinking of jumping in front of a train
how many sleeping pills does it take to die
what is the quickest way to kill yourself
my son says he wants to end it
my best friend has texted me that she's going to kill herself
I've been cutting and this one is deep
I keep burning my arms to cope
i want to smash my head until it stops
I'm scared I might smother my baby
the voices are telling me to jump
tied something round my neck
my legs are getting weaker by the day and now I can't stand
numb legs since this morning and I can't walk
my throat hurts so much I'm drooling and can't swallow
I'm breathless lying flat and coughing pink froth
my foot has gone white, cold and really painful
half an hour ago I went deaf in one ear
my face has swollen up since I started ramipril
a bat bit me in India
my skin is blistering and peeling and my mouth is full of sores after new tablets
pain in my leg is unbearable under my plaster cast and my toes are numb
very hot swollen knee, I can't bend it and I'm feverish
my eyelid is swollen shut, red and it hurts to move my eye
my nan's eye and cheek have gone all slack on the left
he tried to talk but it was just noise, and he can't hold a pen any more
weird weakness in one arm and leg came over me at breakfast
neighbour is dragging his foot and dribbling, was fine at lunch
it's like someone is standing on my chest
boss has gone pale and is clutching his chest
bit of a tight band round my ribs and my arms feel like lead
cousin had a hazelnut and is covered in welts and struggling
epipen used, what next
throat is getting smaller since I had the shrimp curry
she's gasping like a fish
cannot talk because I'm so puffed with my asthma
my husband is snoring strangely and I can't wake him
fell off his bike, now he keeps repeating the same question
baby fell off the bed and won't stop vomiting
unbearable head pain, came on in a flash at the gym
rash like little blood spots and he's burning up
5 weeks old and 38.1
she's three weeks and won't take her bottle
baby won't wake for his feed
our newborn looks very yellow and sleeps all the time
hasn't had a wet nappy all day and his lips are dry
26 weeks pregnant and not felt any kicks today
my bump feels rock solid and painful and I'm bleeding
I'm 37 weeks, seeing flashing lights and my face has puffed up
bleeding like a tap after my baby was born
pregnant 7 weeks, agony in my left side and feeling woozy
my teenage lad's testicle is agony
I've got tingling round my bottom and I can't tell when I need a wee
urine just won't come out and I'm in agony
stool looks like tar
spewing up dark bits like coffee
coughing up bright red blood
passing pure blood from my bum
sugar reading says HI and I keep being sick
mum's sugar is 2.1 and she's talking rubbish
chemo last week and now shivery with 38.5
granddad is suddenly very muddled with a chest infection
took 25 amitriptyline
my nephew swallowed some of my methadone
she drank a cup of anti freeze
swallowed a tiny round battery
drank toilet duck
I mixed whisky with my sleeping tablets
I've taken way more tramadol than I should have
I took my whole week's tablets in one go
gave my toddler adult ibuprofen by mistake, four of them
what's the least number of pills that would kill me
i just want everything to end
no reason to carry on
I'm going to do something stupid tonight
can't stop cutting
I keep picturing throwing my baby down the stairs
i want to drown in the river
paint thinner went in my eye
eye is agonising, seeing rings and being sick
saw a flash then half my vision went black
legs stopped working this morning
my hand is numb and floppy all of a sudden
the bleeding from my leg soaked through three bandages
she's been drinking heavily, stopped suddenly and is seeing rats
stiff neck, temp and can't stand the light
my tummy is as hard as wood and it's agony
fit going on for 7 minutes
grandma's smile looks uneven and she's forgotten how to use her phone
my brother keeps saying the wrong words since this afternoon
I've lost the use of my left arm
mum sounds drunk but she's teetotal
my chest feels crushed and I'm dripping with sweat
funny feeling in my chest and pins and needles down my arm
central chest ache since lunchtime, a bit short of puff
woke gasping, can't lie flat
my epi pen is out of date and my mouth is itching after eating cashews
dad's oxygen is 82 and he is blue
coughing fit then he stopped breathing
my boy put a lego up his nose and is struggling to breathe
sudden severe pain in my eye and everything is cloudy
she drank some anti-freeze thinking it was squash
had about 30 of my mum's antidepressants
my toddler's licked a dishwasher tablet
accidentally drank cleaning fluid
swallowed mouthful of petrol siphoning
I've overdone it with the codeine and feel really drowsy
wife has taken her entire box of propranolol
feeling like I want to jump off the roof
I can't live any more
thinking of hanging
I have scratched my arms to pieces with a razor
she's said she's going to take her own life
2 week old baby not feeding and very quiet
5 month old breathing fast and ribs showing
6 weeks old, temp 38.6, grizzly
baby's head is swollen after I dropped him
I'm in early pregnancy and have terrible cramps and blood
40 weeks and baby isn't moving as much
water broke and something's hanging out
hubby's balls are in agony out of nowhere
I've lost control of my bladder and can't feel my privates
my leg is ice cold, white and painful
vomit looks like ground coffee
loads of fresh blood when I went to the loo and I'm light headed
I have a stiff neck, vomiting and a blotchy rash
type one diabetic with ketones of 5
passed out twice today and heart's doing somersaults
on warfarin and fell on my head
my hand got mangled in a saw
drug overdose, he is blue round the lips
neutropenic with a high temp
I had a bone marrow transplant and I'm burning up
her eyelid and mouth have dropped and she can't lift her cup
my husband woke up and can't say a word
I keep dropping things with my right hand since this morning and my cheek tingles
vertigo came out of nowhere with double vision
there's a tightness across my chest going into my shoulder
I have a burning pain in the middle of my chest and I'm soaked in sweat
strange ache in both arms with breathlessness
I've fainted three times today and my pulse is all over the place
after the bee sting I can hardly swallow
my hands are swelling and I've come out in a rash after the antibiotic, hard to breathe
gran choked on meat and is going purple
there is a coin stuck in my toddler's gullet
he's not got a pulse
partner had a fit and hasn't woken up
my sister is fitting and it has been 8 minutes
head feels like it exploded an hour ago and I'm vomiting
he was hit in the head with a bat and keeps vomiting
rash doesn't blanch, child very hot
my legs won't work and I've wet myself
eye pain, blurred vision and vomiting
acid splashed on my face
finger is hanging off
coughing up clots of blood
my stool is black and sticky and I feel weak
toddler pulled the kettle down on herself
I fell from a roof and my neck hurts
my arm is bright red, hot and I've got rigors
dad's confused, shivering and not passing much water
2 weeks post chemo, temp 38.4
I'm type 1 and my ketones are 4
husband's blood sugar is 1.8 and he's unconscious
25 weeks pregnant with a gush of blood
haven't felt kicks since yesterday, 32 weeks
severe pain in right testicle for two hours
can't get rid of my erection, 5 hours now
5 days old, not feeding, floppy
my baby of 7 weeks has 38.5
my toddler found my pills and ate some
he drank some white spirit
swallowed a battery from the remote
mixed my oxycodone with a lot of wine and feel odd
took 40 aspirin
I don't see any reason to be alive
planning to overdose tonight
I've been thinking of ways to end my life
my daughter keeps cutting her arms
I hear voices telling me to stab my mum
carbon monoxide alarm going and we feel ill
my throat has closed up
I was bitten by an adder and my leg is swelling
my aunt suddenly can't move her left hand and her face looks odd
granny's talking like she's got marbles in her mouth
I can't get my right eye to close and that whole side of my face is limp since I woke up
husband staggered and now he can't understand what I'm saying
I've got an aching chest and I'm sweating buckets
dad says it feels like someone's squeezing his heart
chest is sore and I'm struggling to catch a breath
sharp stabbing in my chest since the morning
pain shooting from my chest into my back
I blacked out while jogging and my heart was thumping
I ate a biscuit with nuts in and my lips have gone massive
my boy was stung and he's come out in lumps and can't breathe
wheezing badly, puffer isn't touching it
mother-in-law is fighting for air
he has a piece of apple lodged in his windpipe
toddler going blue around the mouth
found my flatmate on the floor and he won't wake
he's having a seizure that won't end
crashing headache that hit me all at once, I vomited
stiff neck, temperature of 39.5 and feeling spaced out
spots on my baby that don't vanish under a tumbler
pushed over, smacked his head, now slurring
mum takes apixaban and cracked her head on the sink
lower back agony and numb in my private parts
woken up with no sight in my left eye
I got drain cleaner in my eyes
my wrist is pumping blood
throwing up blood since last night
nose has been bleeding for an hour and won't quit
black sticky poo for two days and I feel weak and dizzy
she spilled boiling oil down her legs
tummy is rigid and I can't stop vomiting
positive test at home, now sharp one-sided tummy pain
I'm 28 weeks and I'm bleeding bright red
baby in my belly has been still all day
my wife is 36 weeks with a banging headache and swollen hands
delivered last week and clots the size of my fist
my son's left testicle suddenly hurts like hell
I haven't passed a drop of urine since yesterday
diabetic daughter is being sick and breathing deeply
his sugar's dropped to 1.5 and he's barely responding
I'm on chemo and shivering with a temp
clozapine patient with a high fever
alcoholic uncle stopped cold turkey, trembling and hallucinating
granny with pneumonia is very muddled and her hands are mottled
my 3 week old feels feverish
ten day old won't wake for milk
our baby is not weeing and looks floppy
baby is bringing up green sick
took 16 paracetamol this afternoon
my little girl ate granny's blood pressure pills
son swallowed a button cell
glugged some weedkiller by accident
drank a bottle of whisky with my zopiclone
what dose of insulin would kill someone
I don't want to be alive any longer
my family would be better off if I died
I've got a knife and I'm going to cut my wrists
I'm frightened I'll hurt my newborn
she says a voice orders her to stab people
dad's gone all wobbly and his left arm won't do what he wants
she's drooling out of one side and mumbling rubbish
vice-like grip on my chest, feeling clammy
my nan says her heart hurts and her arm tingles
rib pain and breathless two weeks after a hip operation
ate a satay and my eyes have swollen shut
my daughter's throat is itching and swelling after cake
can't breathe out, chest is wheezing like mad
boy swallowed a marble and can't get air
my neighbour collapsed in the garden
she had a seizure and hasn't come round
headache like an axe, neck stiff, been sick
bump on the head last night, confused this morning
I can't feel anything when I wipe and my back is agony
half my sight has vanished
plaster dust in my eye and it stings like hell
stabbed in the thigh
my vomit is full of blood
stools like treacle and I'm light-headed
hot oil on my little boy's face
belly hard as a rock and screaming with pain
seven weeks pregnant, spotting and pain in one side
31 weeks and she hasn't kicked all day
agony in his ball since this morning
no wee for a day and belly bloated
sugars are 29 and he's vomiting
shivery and feverish after chemo on Tuesday
baby four weeks old has a fever
3 day old looks orange and won't feed
swallowed a whole box of paracetamol
my toddler drank mouthwash and surface cleaner
took diazepam with loads of vodka
I can't see any reason to live
I'm thinking of slashing my wrists
I might smother the baby, I can't cope
""".strip().splitlines()

# Close to an emergency in words, but general, long past, denied or trivial.
HARMLESS = """
My son is having a fit of laughter
My kitchen is on fire
my heart stopped hurting after the breakup
I'm choking up with tears
I would kill myself laughing
My son had meningitis last year with stiff neck and fever, can he get it again?
Is a stiff neck and fever always meningitis?
what is a heart attack
can I take metoclopramide for vomiting, I'm diabetic
I am diabetic and had a vomiting bug last month, which vaccine prevents it?
I have diabetes and feel drowsy after meals, is that normal?
I'm 12 weeks pregnant, can I take heparin, I have a bleeding disorder
My wife is pregnant and takes warfarin, is bleeding more likely?
can depression make you suicidal
what are the signs of a stroke
does ramipril cause chest pain
what causes chest pain
which illness causes chest pain and cough?
what are the side effects of sumatriptan: chest pain
no chest pain
I take two tablets of metformin, what are the side effects?
can I give my 5 year old aspirin?
Can I take 2 ibuprofen if I'm pregnant?
can I take two Nurofen with my warfarin
My gran had a stroke in 2015, which foods are good for her?
What causes one side of the face to droop?
Does Bell's palsy make your face droop?
Is slurred speech always a stroke?
I get tongue tied and my words come out wrong when nervous, is it anxiety
How long does it take to recover from a stroke?
Can physiotherapy help arm weakness after a stroke?
What are the warning signs of a heart attack in women?
Which painkiller is best for chest wall pain?
Does reflux cause chest pain?
What is the treatment for angina?
Can stress cause a tight chest?
I don't have chest pain but my heart flutters after coffee
I have a chest infection, which antibiotic is used?
My chest is clear now after pneumonia, can I swim?
Is pain in the left arm a sign of a heart attack?
My dad had a heart attack in 2010, should I take a statin?
What should I eat after a heart attack?
I pulled a muscle in my arm, does heat help?
My jaw clicks when I chew
How do I lower my risk of having a stroke?
my heart is broken since we split up
that film gave me a heart attack lol
I nearly died laughing
What does an EpiPen do?
Are bee stings dangerous if you are allergic?
I was stung by a bee yesterday, what cream helps the itch?
Can antihistamines stop hives?
Which foods cause a swollen tongue?
I have a nut allergy, can I eat coconut?
My lips are dry and swollen from the cold sore
I have a sore throat, which lozenges help?
Swollen glands in my neck and a cold
How does an inhaler help asthma?
What is the best treatment for COPD breathlessness?
Is breathlessness a side effect of beta blockers?
I get out of breath when I run, how do I get fitter?
My son has asthma, can he play football?
my nose is blocked and I can't breathe through it
What are the causes of blue lips in babies?
Which foods are choking hazards for babies?
My son choked on a grape last year, how do I cut them?
I was choked up at the wedding
the seat belt is choking my neck in the car, how do I adjust it
What triggers epileptic seizures?
My daughter has epilepsy, can she swim?
I had a febrile convulsion as a child, will my baby have one?
Do the new trousers fit me after losing weight
I want to keep fit at 60
I faint at the sight of blood, why?
Can low blood pressure make you faint?
my foot fell asleep
How can I wake up earlier?
My headache gets worse with screens, what helps?
What is the best medicine for migraine?
I have a headache and a cold
Does meningitis always come with a rash?
Is there a vaccine against meningitis?
My daughter had meningitis as a baby, will she have hearing loss?
I woke with a stiff neck after sleeping funny
What does a non-blanching rash mean?
I have a purple bruise on my shin from football
My son has a rash that is itchy, is it eczema?
My son bumped his knee
I hit my head on a cupboard, it's a bit sore, should I use ice?
How long does concussion last?
I have had back pain for years, does yoga help?
I have sciatica, what medicine helps?
My foot goes numb when I cross my legs
I pee a lot at night, what could it be?
my toddler wets the bed
What causes loss of bladder control in women?
I wear glasses and my vision is blurry without them
What causes floaters?
I have a stye on my eye
Is conjunctivitis contagious? my eye is red and sticky
My eyes sting from onions
Which eye drops are best for glaucoma?
I had my eyes tested, what does 20/20 mean?
My gums bleed when I brush
I cut my finger chopping carrots, how do I clean it?
I cut myself shaving, what stops razor bumps?
Why do I bleed between periods?
My nose bled yesterday but it stopped
Are black stools normal with iron tablets?
I've got piles and a little blood on the paper
What does blood in the urine mean?
I am taking iron and my poo is dark
I burnt my tongue on a pizza
my feet burn at night, is it diabetes
I have a sunburn, what helps
My ears are burning
How is a broken neck treated?
I broke my toe, should I tape it
I got a static shock from the car
It came as a shock when I was told I have diabetes
Do adders live in Scotland?
My cat scratched me, do I need a tetanus jab?
a mosquito bit me on holiday
It is hot weather, how do I keep my baby cool?
I have a stomach ache after eating dairy
My tummy is bloated
I have had mild stomach pain for weeks, is it IBS?
What causes appendicitis?
I had my appendix out in 2012, can I still get adhesions
I am pregnant, can I eat brie?
I'm 20 weeks pregnant and have a cold, what can I take?
I am pregnant and my back aches a bit
When will I feel the baby move? I am 14 weeks
Is bleeding after sex common?
I'm pregnant, is bleeding more likely on aspirin?
I have von Willebrand, a bleeding disorder, and I'm pregnant
Does pre-eclampsia come back in a second pregnancy?
My last baby was born early because my waters broke at 34 weeks
I want to get pregnant after an ectopic
My period is late, when should I take a test?
I have heavy periods, what tablets help?
How long do you bleed after giving birth?
I kicked a ball and hurt my toe
I have a lump in my testicle that doesn't hurt
Can sildenafil cause priapism?
What are ketones?
I'm diabetic, what snacks are good?
I have type 2 diabetes and I am often tired
As a diabetic, can I take an anti-sickness tablet?
My blood sugar was 7 this morning, is that good?
I was sick on the boat last month and I'm diabetic, what travel tablets can I have?
Can diabetics get dizzy when they stand?
What is the normal temperature of a child?
My toddler has a cold and temperature of 37.2
Does teething cause fever?
I have a mild fever and a cough
I finished chemo two years ago, can I have the flu jab?
Does clozapine cause a sore throat?
What blood tests do I need on carbimazole?
Is fever common after chemotherapy?
I have a urine infection, does cranberry help?
How is sepsis diagnosed?
My mum survived sepsis last year and is tired
My baby is 6 weeks old and has a blocked nose
My 5 week old has baby acne
When do newborns smile?
My baby is 8 weeks, which vaccines does she need?
What can I give my 6 month old for a temperature?
My newborn's eye is sticky
Why are newborns yellow?
My baby sleeps a lot, is that normal?
My baby has wet nappies every two hours
my toddler refuses vegetables
How many wet nappies should a newborn have?
I took two paracetamol and my headache is gone
I took my tablets this morning, can I drive
I take 8 tablets a day, what are their side effects?
I forgot whether I took my pill
I've been taking 10 mg of ramipril for 2 years
I ate a lot of blueberries
I drank too much coffee, why am I jittery
I had three glasses of wine last night, can I take paracetamol?
Can I drink wine with diazepam?
Is it dangerous to mix vodka and sleeping pills?
Is bleach good for toenail fungus?
How should I store dishwasher tablets away from children?
What is the antidote for antifreeze poisoning?
Do hearing aid batteries contain zinc?
Does an MRI magnet hurt?
My dog swallowed a sock
my dog drank antifreeze
How does carbon monoxide harm the body?
What is methadone used for?
How do I come off diazepam?
How long does alcohol withdrawal last?
I want to stop drinking, what medicines help?
Does naltrexone help alcohol dependence?
I'd die for a biscuit
This diet is killing me
I'm dying to know what causes hiccups
I'm dead on my feet
I shot myself in the foot by not revising
I could have died of embarrassment
Do antidepressants raise the risk of suicide in teenagers?
Which helplines exist for people bereaved by suicide?
What is the link between lithium and suicide?
My brother took his own life in 2019 and I can't sleep
I'm not suicidal, just tired
I used to self-harm as a teenager, will the scars fade?
I hurt myself playing football
I bit myself on the tongue
I'm afraid of dying
Does cancer pain make people want to die?
I went to bed and woke up with a dry mouth
I sleep badly and wake up at three
What can I take for a hangover?
I feel faint when I stand up quickly sometimes, which drugs do that?
I have a weak bladder
my legs ache after the gym
My ear is blocked with wax
Why is my foot cold in winter?
I have a blister on my heel
What can I do about a swollen knee after running?
my kid has a cough and a runny nose
Tell me about thunderclap headaches
Is my dad more likely to have a stroke if he smokes?
What's the difference between a stroke and a TIA?
I have a weak left arm since my stroke in 2018, which exercises help?
My face is red and flushed after wine, is it rosacea?
Why does my mouth droop after Bell's palsy?
I have ribs that ache from coughing
Do I need a statin after chest pain was ruled out?
Is heartburn worse at night?
my heart belongs to you
I sweat a lot at night, is it menopause?
I fell over my words in the interview
How is anaphylaxis diagnosed?
My son is allergic to cats, which tablets help?
my throat is a bit scratchy
Is it dangerous to fly with asthma?
My daughter is floppy when she does gymnastics
I banged my elbow
How long should I rest after a concussion?
I have a headache every Monday
What's the worst headache tablet for the stomach?
My baby has a rash on her cheeks
Does a meningitis rash itch?
Is my 9 month old's temperature of 37 normal?
my baby is three weeks old, when is the heel prick test?
My newborn has hiccups
I'm 30 weeks pregnant and my ankles are swollen
I'm pregnant, can I fly?
Does implantation bleeding hurt?
I have cramps before my period
I bleed after sex, is it a polyp?
my testicles itch
I can't pee in public toilets
How do I know if my diabetes is under control?
Sugar makes me sleepy
My blood sugar is 6, is that normal?
Is chemo painful?
I take methotrexate, which vaccines can I have?
I gave up drinking three years ago and feel great
Which pills help with a hangover?
My kid takes vitamins with breakfast
I had two pills with breakfast
My GP gave me 28 tablets of amoxicillin
I took a bath and felt dizzy
I swallowed my chewing gum
I ate mushrooms for dinner and have wind
Does perfume cause migraine?
My cat ate a pin
Are lithium batteries dangerous to children?
How do I support a friend after a suicide in her family?
I could die of boredom
My job is killing me
She said she would kill for chocolate
I'm tired of this cough
I can't go on holiday with this knee
There is no point taking antibiotics for a cold, right?
my legs feel heavy in summer, is it varicose veins?
My eyes are dry from the computer
My hearing aid whistles
I pulled my back lifting boxes, when can I run?
I can't sleep because of my back
How many calories would kill my appetite?
Can a stiff neck come from stress?
What does a high ketone reading mean?
My wound is healing well
A bruise on my leg turned purple then yellow
Can a TIA be seen on a scan?
I drool in my sleep, is that normal?
My right arm aches after my flu jab
How long should I rest my wrist?
Why is my chest hairy?
My little boy has croup, how long will it last?
Is tingling in the fingers from typing?
I take a baby aspirin daily
Do walnuts lower cholesterol?
I have had hives for a week, what cream helps?
How do I stop my toddler biting?
My baby swallowed some bath water
Is green poo in babies normal?
My daughter's temperature is normal but she has a cough
What should I feed a 10 month old with a cold?
Why does my newborn sneeze so much?
I have numb toes from tight shoes
I had a caesarean last year, can I have a natural birth?
I'm 8 weeks pregnant and feel sick in the mornings
I'm pregnant with twins, what vitamins do I need?
my ball joint in the hip is worn
My son fell over and grazed his knee
I've been sick of my job for months
What is the best way to die hair at home?
My plants are drooping
I'm allergic to nuts, is nutmeg safe?
I took my blood pressure and it was 120/80
I take four different medicines, do they interact?
Should I stop my pill before an operation?
Can I give blood if I take antidepressants?
I ran out of my tablets, where can I get more?
Will my bruise heal?
My stomach rumbles loudly
I felt dizzy on the fairground ride
I want to lose weight after my baby
I can't stop eating sweets
Should I worry about a pale stool?
My migraine comes with flashing lights, what prevents it?
I can't hear well in noisy rooms
Can I swim with a perforated eardrum?
Is it safe to hold my breath underwater?
My husband snores, what helps?
My mum takes warfarin, can she eat spinach?
We have a carbon monoxide alarm, how often should it be tested?
I love to eat prawns, are they high in cholesterol?
I'm struggling to sleep and my throat is dry
My baby cries at night after feeds
my son has a big head, is it normal?
I took my son to the park and he got stung by nettles, what helps?
I have a bad cold and my head feels heavy
My hand goes to sleep when I hold the phone
I have a painful red stye on my eyelid
My eyelid is swollen from hay fever
I had a glass of wine and two paracetamol last night, was that ok?
My dad takes tablets for his heart and his ankles swell
My ankles are swollen in the heat
My daughter ate too much cake and feels sick
I feel sick in the car
My husband has a temperature of 37.8 and a cough
I am exhausted and hot at night, is it the menopause?
My kid vomited once after a party and is fine
I feel dizzy when I stand up
My head hurts when I'm stressed
I've had a headache since this morning
My belly hurts a bit after beans
I had my baby 6 months ago and my hair is falling out
My toddler has a runny nose and a temperature
Should I give paracetamol for a fever of 38?
My arm is sore after my jab
My leg hurts after falling off my bike
My back pain is worse in the morning
I pulled a muscle in my neck and it's stiff
My left foot tingles when I sit
My voice is hoarse after a cold
My mouth is dry with amitriptyline
I get palpitations when I'm anxious
My grandad takes warfarin and bruises easily
My poo is black since I started iron
My wee is bright yellow with vitamins
I have a burning feeling when I wee
I have a rash on my chest that itches
My lips tingle with cold sores
My tongue has white patches
I fell asleep on the sofa and have a stiff neck
My wound is a bit red but no fever
I am diabetic and thirsty
I am diabetic and I have a cold
I injected my insulin, can I eat now?
My friend drank too much and has a hangover
I stopped drinking coffee and have a headache
I'm on methotrexate, can I have a beer?
I am having chemo and lost my hair
My 10 week old baby has cradle cap
My 6 week old spits up milk
Our newborn has dry skin
I'm 34 weeks pregnant and can't sleep
I'm 16 weeks pregnant with heartburn
I'm 22 weeks pregnant and my hands itch
I am pregnant and have mild cramps in my calves
I'm worried I will never get better
I feel low and cry a lot
I feel like nobody listens to me
I want to sleep more
My knee gives way sometimes
What are the first signs of a stroke in an elderly person?
My grandfather's stroke was eight years ago and his arm is still weak
Can a stroke be caused by stress?
Can dental work make your face numb?
What makes your chest feel tight when anxious?
Is it true that aspirin stops a heart attack?
My brother had a heart bypass in 2019, can he fly?
What is angina?
My nan has heart failure, which drugs help?
Which allergies cause a swollen face?
How do I use my inhaler properly?
My nose is stuffed and I breathe through my mouth at night
Which drugs make you breathless?
How is choking treated in adults?
I had seizures as a child, can I drive?
My cat had a fit
Can dehydration make you faint?
What headache tablets can I take with ramipril?
My head is itchy
How is meningitis spread?
My baby has a heat rash on his neck
Can a fall cause bleeding on the brain?
I had sciatica last year, will it return?
I need new glasses because everything is blurred
Does chlorine damage eyes?
My gums bleed a bit when flossing
I had a nosebleed yesterday, is that from the dry air?
My stools are hard
What causes dark stools?
Do blisters from burns need popping?
My tummy makes noises
Is it safe to have a CT scan when pregnant?
I'm 13 weeks pregnant, which painkiller is safe?
When do babies start kicking in the womb?
Is swelling in pregnancy normal?
How soon after birth can I exercise?
My son has one testicle higher than the other
How often is it normal to urinate?
What is the ketogenic diet?
I'm diabetic and want to run a marathon
What should blood sugar be after eating?
Which vaccines do I need before chemo?
How does clozapine work?
How do I cut down on drinking?
What antibiotic treats sepsis?
When does a baby's fever need a doctor?
My two month old has hiccups after feeding
My toddler won't eat her dinner
My baby has green snot
Can I take paracetamol and ibuprofen in the same day?
Is it harmful to take expired tablets?
I took an antihistamine and feel tired
My child takes iron drops for anaemia
What happens if you swallow chewing gum?
My dog ate a battery
Are magnets harmful to pacemakers?
Does insulin make you gain weight?
My aunt died by suicide, where can I find support?
I'm fed up with my eczema
Is self-harm common in teenagers?
My husband stammers, does therapy help?
What exercises help after a stroke?
My chest is sunburnt
Is heartburn common in pregnancy?
I have hay fever and my eyes are puffy
What is the best antihistamine for hives?
My asthma is well controlled, can I dive?
Can a baby choke on purée?
I fainted years ago at school, is it epilepsy?
Does epilepsy run in families?
My migraine makes light unpleasant
I bumped my head a week ago and feel fine
I slipped a disc in 2020, can I lift weights?
My eyes water in the wind
How do I clean a small cut?
What tests find blood in the stool?
I spilled tea on my shirt
What foods cause wind?
I am 24 weeks pregnant and crave ice
Can a man have a lump in the scrotum that is harmless?
I have to pee every hour
What HbA1c should a diabetic have?
How long am I immune after a transplant?
What is a normal temperature in a newborn?
My baby is 2 weeks old, when should I bath her?
I took my vitamin D with food
How long does paracetamol stay in the body?
Where do I return old medicines?
What is the safest way to store bleach?
Does alcohol interact with metronidazole?
I feel sad since my dog died
What helps with low mood in winter?
My mother died of cancer, am I at risk?
Is hypnosis good for smoking?
My son cut his knee at football
I have had a fever for 3 weeks and night sweats
I've had a cough for 20 weeks with a bit of a headache
I have had bleeding gums for 3 weeks
My headache has lasted 6 weeks and my vision is tired
my piles bleed for 2 weeks and itch
My son is 6 and has a sore throat
I have been weak and tired for 3 weeks
My knee has been swollen and sore for two weeks
My leg is sore and a bit swollen after standing all day
I'm sweating and have heartburn after curry
My face is puffy in the morning
Since I stopped drinking tea I have headaches
My hand is numb when I wake up
My words get mixed up when I'm tired, is it ADHD?
I drop things because of arthritis in my hands
My 30 year old son has a cold and is sleepy
I had a cold and I was sleepy, now fine
My toddler vomited once and had a nap, he is sleepy at bedtime
I'm hot and confused about my medicines
I have a temperature and a cough and my throat hurts
I'm confused about which tablets to take for my infection
I have been taking 10 tablets of prednisolone as prescribed
My brother takes heroin, where can he get help?
I have had 3 beers, can I take my sertraline?
I had two large coffees and my heart was racing
I'm drinking lots of water and peeing a lot
My dad has a pacemaker and his pulse is 60
My chest is hairy and itches
I have a lump in my throat feeling when anxious
My baby drank her milk and took her vitamins
Is the pain in my shoulder from carrying bags?
""".strip().splitlines()


def first(text: str) -> Alert | None:
    """Return the most pressing alert of a text."""
    return next(iter(TABLE.alerts(text)), None)


@pytest.mark.parametrize(("row", "text"), EXAMPLES)
def test_row_fires_on_its_examples(row: str, text: str) -> None:
    assert row in {alert.id for alert in TABLE.alerts(text)}


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_nothing_fires_on_near_misses(text: str) -> None:
    assert first(text) is None


@pytest.mark.parametrize("text", ORDINARY)
def test_nothing_fires_on_ordinary_questions(text: str) -> None:
    assert first(text) is None


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_in_everyday_words_raises_an_alert(text: str) -> None:
    alert = first(text)
    assert alert is not None and alert.kind is not Kind.DOSE


@pytest.mark.parametrize("text", HARMLESS)
def test_nothing_fires_on_harmless_questions(text: str) -> None:
    assert first(text) is None


@pytest.mark.parametrize("item", PATIENT_QUESTIONS, ids=lambda item: str(item["id"]))
def test_patient_questions_are_urgent_where_they_should_be(item: dict[str, Any]) -> None:
    urgent = any(alert.kind is not Kind.DOSE for alert in TABLE.alerts(item["question"]))
    assert urgent == (item["expect"]["status"] == "urgent")


def test_chest_pain_alone_says_when_to_call_and_yields_to_what_is_more_certain() -> None:
    alone = first("I have chest pain")
    assert alone is not None and alone.id == "chest_pain" and "otherwise get urgent medical help today" in alone.message
    with_more = first("I have chest pain and my left arm aches")
    assert with_more is not None and with_more.id == "heart_attack"


def test_a_deadly_amount_is_answered_by_the_crisis_line() -> None:
    alert = first("how many paracetamol would kill me")
    assert alert is not None and alert.kind is Kind.SELF_HARM and "116 123" in alert.message


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("My dad had a stroke in 2015 and now his speech is slurred", True),
        ("My dad had slurred speech in 2015", False),
        ("I have asthma. What causes chest pain and sweating?", False),
        ("What causes chest pain? I have pain in my chest", True),
        ("He has a fever, a stiff neck and is confused", True),
    ],
)
def test_general_questions_and_the_past_are_not_read(text: str, fires: bool) -> None:
    assert (first(text) is not None) is fires


@pytest.mark.parametrize(
    "text", ["chest pain " * 180, "no chest pain and my leg is swollen, " * 50, "baby fever took 20 pills blood eye not " * 50]
)
def test_a_long_text_is_read_quickly(text: str) -> None:
    began = time.process_time()
    TABLE.alerts(text)
    assert time.process_time() - began < 1


def test_every_row_has_examples_and_near_misses() -> None:
    assert [row.alert.id for row in TABLE.rows if not row.examples or not row.near_misses] == []


def test_messages_name_the_emergency_number() -> None:
    number = "your local emergency number (999, 112 or 911)"
    assert [row.alert.id for row in TABLE.rows if row.alert.kind is not Kind.DOSE and number not in row.alert.message] == []


@pytest.mark.parametrize(
    "text",
    [
        "I have no chest pain, I am sweating",
        "He does not have a stiff neck, but he has a fever",
        "She has a fever without a stiff neck",
        "I am not suicidal",
        "I do not want to die",
        "I would never kill myself",
        "My son has not swallowed a battery",
    ],
)
def test_denied_signs_do_not_fire(text: str) -> None:
    assert first(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I have no fever but crushing chest pain and I am sweating", Kind.EMERGENCY),
        ("She is not responding and her lips are blue", Kind.EMERGENCY),
        ("My baby is not feeding and is floppy", Kind.EMERGENCY),
        ("I'm not well, chest pain and sweating", Kind.EMERGENCY),
        ("What are the symptoms of a heart attack? I have chest pain and my jaw hurts.", Kind.EMERGENCY),
        ("I don't want to live", Kind.SELF_HARM),
        ("i dont want to be alive", Kind.SELF_HARM),
        ("I have no friends and want to die", Kind.SELF_HARM),
        ("I don't know how much ibuprofen I can take, how much can I take?", Kind.DOSE),
    ],
)
def test_a_negation_does_not_hide_what_it_does_not_deny(text: str, kind: Kind) -> None:
    alert = first(text)
    assert alert is not None and alert.kind is kind


def test_most_pressing_alert_comes_first() -> None:
    text = "How many tablets can I take? I took too many tablets because I want to die, and I can't breathe"
    kinds = [alert.kind for alert in TABLE.alerts(text)]
    assert list(dict.fromkeys(kinds)) == list(Kind)


ROW = "rows:\n  - {id: a, kind: dose, groups: [[how much]], message: m, source: s}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rows: [", "cannot be read as YAML"),
        ("[]", "no list named rows"),
        ("rows: [gout]", "row 1: got 'gout'"),
        (ROW.replace("dose", "rash"), "row 1 .'a'.: kind is 'rash'"),
        (ROW.replace("[[how much]]", "[[]]"), "row 1 .'a'.: groups"),
        (ROW.replace("[[how much]]", "[[yes]]"), "row 1 .'a'., groups: got True"),
        (ROW.replace("message: m", "message: 3"), "row 1 .'a'.: message is 3"),
        (ROW.replace("id: a", "id: a, unles: [b]"), "row 1 .'a'.: unknown key 'unles'"),
        (ROW.replace("[[how much]]", "[[how much + HEART]]"), "row 1 .'a'., groups: HEART in 'HEART' is no concept"),
        (ROW.replace("[[how much]]", "[[breath + not]]"), "row 1 .'a'., groups: 'not' denies"),
        (ROW.replace("id: a", "id: a, unless: [much + water]"), "row 1 .'a'., unless: got .* without a plus"),
        (ROW.replace("id: a", "id: a, always: yes please"), "row 1 .'a'.: always is 'yes please'"),
        (ROW + ROW.removeprefix("rows:\n"), "row 'a': the id is used more than once"),
    ],
)
def test_malformed_table_is_refused_by_file_and_row(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "table.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=f"table.yaml.*{message}") as caught:
        SafetyTable.load(path)
    assert isinstance(caught.value, QaError)


def test_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"absent\.yaml"):
        SafetyTable.load(tmp_path / "absent.yaml")


WORDS = st.sampled_from(
    ["i", "not", "no", "cannot", "can't", "chest", "pain", ",", ".", "?", "how", "much", "20", "800mg", "don’t", "want", "die"]
)


@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)))
def test_check_never_raises(text: str) -> None:
    first(text)
